import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

const projectDir = join(import.meta.dirname, '../..')

type Write = { service: string; action: string; resource: string }
type Ended = { code: number; stdout: string; stderr: string }

/** Nothing listens at port 1: a stack that is up at the usual address is not written to. */
const npmRunInvoke = (functionName: string, file: string): Promise<Ended> => {
  const env = { ...process.env, AWS_ENDPOINT_URL: 'http://127.0.0.1:1' }
  const args = ['run', '--silent', 'invoke', '--', functionName, file]
  return new Promise((resolve) =>
    execFile('npm', args, { cwd: projectDir, env, timeout: 60_000 }, (error, stdout, stderr) =>
      resolve({ code: error ? Number(error.code) : 0, stdout, stderr }),
    ),
  )
}

const titleOf = ({ service, action, resource }: Write): string =>
  `${service} ${action} ${resource.replace(/-[0-9a-f]+\.json\.zst$/, '-HASH.json.zst')}`

/** What the sample must give, as `invoke` prints it: each write, then what the function returned. */
async function invokeSample(path: string): Promise<void> {
  const { code, stdout, stderr } = await npmRunInvoke(path.split('/')[0] ?? '', `events/${path}.json`)
  expect(code, `${path}: ${stderr}`).toBe(0)
  const lines = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
  const expected: { writes: Write[]; result: unknown } = JSON.parse(
    readFileSync(join(projectDir, `events/${path}.expected.json`), 'utf8'),
  )
  expect(lines.slice(0, -1).map(titleOf).toSorted()).toEqual(expected.writes.map(titleOf).toSorted())
  expect(lines.at(-1)).toEqual(expected.result)
}

describe('npm run invoke with nothing running', () => {
  // Two at a time: each keeps a core busy for some seconds.
  it.each([
    ['collect/good-batch', 'archive/good-two-records'],
    ['enrich/bad-inputs', 'aggregate/good-pack'],
    ['tick/good-schedule', 'query/good-metric'],
  ])(
    'prints what %s and %s would have written, one line a write, and what they returned',
    async (...paths) => {
      await Promise.all(paths.map(invokeSample))
    },
    60_000,
  )
})
