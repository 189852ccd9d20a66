import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest'
import { execute } from '../support/running-project.ts'

const projectDir = join(import.meta.dirname, '../..')

type Started = { readonly url: string; readonly awsUrl: string; ctrlC(): Promise<void> }

let folder: string
let dataDir: string

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'weir-restart-'))
  dataDir = join(folder, 'data')
  mkdirSync(dataDir)
  mkdirSync(join(projectDir, '.weir/build'), { recursive: true })
  symlinkSync(join(projectDir, '.weir/build'), join(dataDir, 'build'))
})
afterAll(() => rmSync(folder, { recursive: true }))

/** What `npm start` runs, in a group of its own: npm itself dies of Ctrl-C and tells no exit code. */
async function start(): Promise<Started> {
  const options = ['--empty', '--port', '0', '--aws-port', '0', '--data', dataDir]
  const child = spawn(process.execPath, ['local/start.ts', ...options], { cwd: projectDir, detached: true })
  onTestFinished(() => endGroup(child, 'SIGKILL'))
  let output = ''
  child.stderr.setEncoding('utf8').on('data', (text) => {
    output += text
  })
  child.stdout.setEncoding('utf8').on('data', (text) => {
    output += text
  })
  await expect.poll(() => output, { timeout: 40_000 }).toContain('Ctrl-C stops it')
  const addressOf = (line: RegExp) => line.exec(output)?.[1] ?? ''
  return {
    url: addressOf(/page\s+(http\S+)/),
    awsUrl: addressOf(/AWS_ENDPOINT_URL=(\S+)/),
    async ctrlC() {
      const exited = once(child, 'close')
      endGroup(child, 'SIGINT')
      await exited
      // What npm itself exits with depends on its version; the stack lets go of its folder when all was finished.
      expect(existsSync(join(dataDir, 'lock'))).toBe(false)
    },
  }
}

function endGroup({ pid, exitCode, signalCode }: ChildProcess, signal: NodeJS.Signals): void {
  if (pid !== undefined && exitCode === null && signalCode === null) process.kill(-pid, signal)
}

async function account({ url }: Started): Promise<Record<string, number>> {
  const response = await fetch(`${url}/v1/metrics/account?grain=1h&by=outcome`)
  expect(response.status).toBe(200)
  const { windows }: { windows: { cells: { by: { outcome: string }; value: number }[] }[] } = JSON.parse(
    await response.text(),
  )
  const cells = windows.flatMap((window) => window.cells)
  return Object.fromEntries(cells.map(({ by, value }) => [by.outcome, value]))
}

it('keeps what it was sent a moment before Ctrl-C, and knows it again after a restart', async () => {
  const file = join(folder, 'events.ndjson')
  const page = (id: number) => ({ type: 'page', messageId: `page-${id}`, anonymousId: `visitor-${id % 7}` })
  writeFileSync(file, Array.from({ length: 50 }, (_, id) => JSON.stringify(page(id))).join('\n'))
  const commandOf = (started: Started, ...args: string[]) => {
    const env = { ...process.env, AWS_ENDPOINT_URL: started.awsUrl, WEIR_LAKE: join(dataDir, 'lake') }
    return execute(process.execPath, args, env)
  }

  const first = await start()
  expect(await commandOf(first, 'commands/send.ts', file)).toMatchObject({ code: 0 })
  await first.ctrlC()

  const second = await start()
  await expect.poll(() => account(second), { timeout: 20_000 }).toEqual({ accepted: 50 })
  expect(await commandOf(second, 'commands/send.ts', file, '--flush')).toMatchObject({ code: 0, stderr: '' })
  expect(await account(second)).toEqual({ accepted: 50, duplicate: 50 })
  expect(await commandOf(second, 'commands/reconcile.ts')).toMatchObject({ code: 0, stderr: '' })
  await second.ctrlC()
}, 120_000)
