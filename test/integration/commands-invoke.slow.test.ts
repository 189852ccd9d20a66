import { execFile } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { verifyControl } from '../../shared/core/event/control.ts'

const projectDir = join(import.meta.dirname, '../..')

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'weir-invoke-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

/** With nothing running: nothing listens at port 1. */
const invoke = (
  functionName: string,
  event: unknown,
): Promise<{ code: number; stdout: string; stderr: string }> => {
  const file = join(folder, `${functionName}.json`)
  writeFileSync(file, JSON.stringify(event))
  const env = { ...process.env, AWS_ENDPOINT_URL: 'http://127.0.0.1:1', TMPDIR: folder }
  return new Promise((resolve) =>
    execFile(
      process.execPath,
      ['commands/invoke.ts', functionName, file],
      { cwd: projectDir, env },
      (error, stdout, stderr) => resolve({ code: error ? Number(error.code) : 0, stdout, stderr }),
    ),
  )
}

describe('invoke with nothing running', () => {
  it('prints one line of JSON a write, then what the function returned, and leaves nothing behind', async () => {
    const { code, stdout } = await invoke('tick', {})
    expect(code).toBe(0)
    const [write, result, ...more] = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect({ result, more }).toEqual({ result: null, more: [] })
    expect(write).toMatchObject({ service: 'kinesis', action: 'PutRecords', resource: 'weir-local-raw' })
    const controls = write.payload.map(({ data }: { data: { shard: string; issuedAt: number } }) => data)
    expect(controls).toHaveLength(2)
    for (const control of controls) {
      const by = { keys: ['sample-control-key'], shardId: control.shard, arrivalMs: control.issuedAt }
      expect(verifyControl(control, by)).toMatchObject({ ok: true })
    }
    expect(readdirSync(folder)).toEqual(['tick.json'])
  }, 60_000)

  it('exits 1 and says why when the handler fails', async () => {
    const { code, stdout, stderr } = await invoke('query', {})
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr.trimEnd().split('\n').at(-1)).toMatch(/^query failed: TypeError: /)
  }, 60_000)
})
