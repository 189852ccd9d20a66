import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { askFolder, askStage } from '../../commands/query/ask.ts'
import { type Stack, startStack } from '../../local/stack/stack.ts'

const projectDir = join(import.meta.dirname, '../..')

let folder: string
let stack: Stack

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'weir-commands-'))
  const buildDir = join(projectDir, '.weir/build')
  stack = await startStack({ projectDir, dataDir: join(folder, 'data'), port: 0, awsPort: 0, buildDir })
}, 60_000)
afterAll(async () => {
  vi.unstubAllEnvs()
  await stack.stop()
  rmSync(folder, { recursive: true })
})

type Ended = { readonly code: number; readonly stdout: string; readonly stderr: string }

const run = (command: string, ...args: string[]): Promise<Ended> =>
  new Promise((resolve) => {
    const env = { ...process.env, AWS_ENDPOINT_URL: stack.awsUrl, WEIR_LAKE: join(stack.dataDir, 'lake') }
    execFile(
      process.execPath,
      [`commands/${command}.ts`, ...args],
      { cwd: projectDir, env },
      (error, stdout, stderr) => resolve({ code: error ? Number(error.code) : 0, stdout, stderr }),
    )
  })
const fileOf = (name: string, lines: readonly string[]): string => {
  const path = join(folder, name)
  writeFileSync(path, lines.map((line) => `${line}\n`).join(''))
  return path
}
const rowsOf = async (sql: string) => JSON.parse((await run('query', sql, '--json')).stdout)

const page = (messageId: string, anonymousId: string, timestamp: string) =>
  JSON.stringify({ type: 'page', messageId, anonymousId, timestamp, properties: { path: '/' } })

describe('send, query and reconcile against the stack', () => {
  it('brings every line of a file to the lake as one event or one bad row', async () => {
    const file = fileOf('events.ndjson', [
      page('1', 'ann', '2026-01-01T10:00:00Z'),
      'no JSON at all',
      page('2', 'ann', '2026-01-01T10:30:00Z'),
      page('3', 'ann', '2026-01-01T11:00:01Z'),
      'nor is this',
      page('1', 'ann', '2026-01-01T10:00:00Z'),
      '{"type":"track"}',
    ])
    const sent = await run('send', file, '--flush', '--timeout', '40')
    expect(sent).toMatchObject({ code: 0, stderr: '' })
    expect(sent.stdout).toContain('7 lines, 5 events, 2 not understood and sent as they are')
    expect(sent.stdout).toContain(
      '3 events and 2 sessions are in the lake, 3 bad events; 1 duplicates were counted',
    )
    expect(await rowsOf('SELECT event_id FROM events_once ORDER BY event_id')).toEqual([
      { event_id: '1' },
      { event_id: '2' },
      { event_id: '3' },
    ])
    expect(await rowsOf('SELECT events FROM sessions_final ORDER BY started_at')).toEqual([
      { events: 2 },
      { events: 1 },
    ])
    expect(await rowsOf('SELECT reason, payload FROM bad_events ORDER BY payload')).toEqual([
      { reason: 'not_json', payload: 'no JSON at all' },
      { reason: 'not_json', payload: 'nor is this' },
      { reason: 'bad_envelope', payload: '{"type":"track"}' },
    ])
  }, 60_000)

  it.each(['events_once', 'sessions_final', 'visitors', 'bad_events'])(
    'finds the same in %s through Athena of the stage as in the files',
    async (table) => {
      const columns = table === 'bad_events' ? 'origin, received_at, reason' : '*'
      const sql = `SELECT ${columns} FROM ${table} ORDER BY 1`
      vi.stubEnv('AWS_ENDPOINT_URL', stack.awsUrl)
      const files = await askFolder(join(stack.dataDir, 'lake'), sql)
      const athena = await askStage('local', sql)
      expect(files.rows.length).toBeGreaterThan(0)
      expect(athena.columns).toEqual(files.columns)
      // An array comes as text from Athena.
      const plain = (value: unknown) => (Array.isArray(value) ? `[${value.join(', ')}]` : value)
      expect(athena.rows).toEqual(files.rows.map((row) => row.map(plain)))
    },
  )

  it('answers a named query over HTTP as the command does', async () => {
    const { stdout } = await run('query', 'top-pages', '--by', 'url', '--json')
    const response = await fetch(`${stack.url}/v1/queries/top-pages?by=url`)
    const { name, columns, rows, truncated, scannedBytes } = Object(await response.json())
    expect([response.status, name, truncated]).toEqual([200, 'top-pages', false])
    const objectOf = (row: unknown[]) =>
      Object.fromEntries(columns.map((column: { name: string }, at: number) => [column.name, row[at]]))
    expect(rows.map(objectOf)).toEqual(JSON.parse(stdout))
    expect(rows.length).toBeGreaterThan(0)
    expect(scannedBytes).toBeGreaterThan(0)
  }, 60_000)

  it('says over HTTP what is wrong with a question', async () => {
    const ask = async (path: string) => {
      const response = await fetch(`${stack.url}/v1/queries/${path}`)
      return [response.status, Object(await response.json()).error]
    }
    expect(await ask('top-pages?limit=all')).toEqual([400, 'limit takes a whole number, not "all"'])
    expect(await ask('nothing')).toEqual([
      404,
      expect.stringMatching(/^no query "nothing"; there are active-users, /),
    ])
  }, 60_000)

  it('says under a table what it cost', async () => {
    const { stdout } = await run('query', 'SELECT event_id FROM events_once', '--stage', 'local')
    expect(stdout).toMatch(/\n\(3 rows, [\d.]+ kB scanned, [\d.]+ s\)\n$/)
  }, 60_000)

  it('tells in one line why Athena refuses a query', async () => {
    const { code, stderr } = await run('query', 'SELECT nothing FROM events_once', '--stage', 'local')
    expect(code).toBe(1)
    expect(stderr).toMatch(/^Athena: the query .* failed: COLUMN_NOT_FOUND: [^\n]*\n$/)
  }, 60_000)

  it.each([
    ['the files of the lake', []],
    ['Athena', ['--stage', 'local']],
  ])(
    'reconciles with %s',
    async (_, options) => {
      const { code, stdout, stderr } = await run('reconcile', '--json', ...options)
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
      const account = JSON.parse(stdout)
      expect(account.isRight).toBe(true)
      const sum = (field: string) =>
        account.hours.reduce(
          (total: number, hour: Record<string, { lake: number }>) => total + (hour[field]?.lake ?? 0),
          0,
        )
      expect([sum('received'), sum('accepted'), sum('quarantined')]).toEqual([7, 3, 3])
    },
    60_000,
  )

  it('counts a file sent again as duplicates and changes nothing else', async () => {
    const before = await rowsOf('SELECT * FROM events_once ORDER BY origin')
    const file = fileOf('again.ndjson', [page('1', 'ann', '2026-01-01T10:00:00Z')])
    const sent = await run('send', file, '--flush')
    expect(sent.stdout).toContain('2 duplicates were counted')
    expect(await rowsOf('SELECT * FROM events_once ORDER BY origin')).toEqual(before)
    expect(await run('reconcile')).toMatchObject({ code: 0 })
  }, 60_000)

  it('invokes a function against the stack', async () => {
    const writes: string[] = []
    const forget = stack.endpoint.onCall(({ principal, action, resource }) => {
      if (action === 'PutRecords') writes.push(`${principal} ${resource}`)
    })
    const { code, stdout } = await run('invoke', 'tick', fileOf('tick.json', ['{}']))
    forget()
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'null\n' })
    expect(writes).toContain('tick weir-local-raw')
  }, 60_000)

  it('exits 1 when the lake has lost its rows, and says where', async () => {
    rmSync(join(stack.dataDir, 'lake/bad_events'), { recursive: true })
    for (const options of [[], ['--stage', 'local']]) {
      const { code, stdout } = await run('reconcile', '--timeout', '1', ...options)
      expect(code).toBe(1)
      expect(stdout).toContain('bad_events lacks 3')
      expect(stdout).toContain('IT DOES NOT ADD UP')
    }
  }, 60_000)
})
