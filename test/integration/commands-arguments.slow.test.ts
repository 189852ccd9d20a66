import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'

const projectDir = join(import.meta.dirname, '../..')
// Nothing listens at port 1.
const nowhere = 'http://127.0.0.1:1'

let folder: string
let file: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'weir-arguments-'))
  file = join(folder, 'some file')
  writeFileSync(file, 'no JSON')
})
afterAll(() => rmSync(folder, { recursive: true }))

const run = (
  command: string,
  args: readonly string[],
): Promise<{ code: number; stdout: string; stderr: string }> =>
  new Promise((resolve) => {
    const env = { ...process.env, AWS_ENDPOINT_URL: nowhere, WEIR_LAKE: folder }
    const argv = [`commands/${command}.ts`, ...args.map((arg) => (arg === 'FILE' ? file : arg))]
    execFile(process.execPath, argv, { cwd: projectDir, env }, (error, stdout, stderr) =>
      resolve({ code: error ? Number(error.code) : 0, stdout, stderr }),
    )
  })

it.each([
  ['send', [], 'name a file: npm run send -- FILE [--flush]'],
  ['send', ['missing.log'], 'no such file: missing.log'],
  ['send', ['test'], 'test is a folder: name a file'],
  ['send', ['FILE', '--fush'], "Unknown option '--fush'; options: --format VALUE, --flush"],
  ['send', ['FILE', '--format', 'csv'], '--format takes auto, ndjson, combined, not "csv"'],
  ['send', ['FILE', '--timeout', '-1s'], '--timeout'],
  ['send', ['FILE', '--stage', 'My Stage'], '--stage takes a name such as prod'],
  ['send', ['FILE'], `nothing answers on ${nowhere}: start it with npm start`],
  ['send', ['--flush'], `nothing answers on ${nowhere}: start it with npm start`],
  ['query', ['top-page'], 'no query is named "top-page"; there are '],
  ['query', ['top-pages', '--limit', 'many'], '--limit takes a whole number, not "many"'],
  ['query', ['top-pages', '--colour', 'red'], "Unknown option '--colour'; options: --"],
  ['query', ['SELECT', '1'], 'one query at a time: put the SQL in quotes'],
  ['query', ['SELECT nothing FROM events'], 'Binder Error: Referenced column "nothing" not found'],
  ['query', ['SELECT 1', '--json', '--csv'], '--json or --csv, not both'],
  ['query', ['SELECT 1', '--lake', '.', '--stage', 'local'], '--lake or --stage, not both'],
  ['query', ['SELECT 1', '--stage', 'local'], `nothing answers on ${nowhere}: start it with npm start`],
  ['reconcile', ['now'], 'reconcile takes options only, not "now"'],
  ['reconcile', ['--timeout', 'x'], '--timeout takes a whole number above 0, not "x"'],
  ['reconcile', ['--stage', 'My Stage'], '--stage takes a name such as prod'],
  ['reconcile', [], `nothing answers on ${nowhere}: start it with npm start`],
  ['cost', ['10M'], 'cost takes options only, not "10M"; see --help'],
  [
    'cost',
    ['--events-per-day', 'many'],
    '--events-per-day takes a number such as 250k, 10M or 1.7B, not "many"',
  ],
  ['cost', ['--lanes', '3'], '--lanes takes a power of two up to 1024, not 3'],
  [
    'cost',
    ['--lanes', '4', '--lane-shards', '8'],
    '--lane-shards takes a power of two up to the number of lanes',
  ],
  ['cost', ['--window', '301'], '--window takes at most 300 seconds'],
  ['cost', ['--publish', 'never'], 'publish is "never"; it must be sparingly or at-once'],
  ['invoke', ['enrich'], 'name a function and a file: npm run invoke -- '],
  ['invoke', ['enrish', 'FILE'], 'no function "enrish"; there are aggregate, archive, ask, '],
  ['invoke', ['enrich', 'missing.json'], 'no such file: missing.json'],
  ['invoke', ['enrich', 'FILE'], 'is not JSON'],
])('%s %j: one line that says what is right, exit 1', async (command, args, message) => {
  const { code, stdout, stderr } = await run(command, args)
  expect(stderr).toContain(message)
  expect(stderr.trimEnd().split('\n')).toHaveLength(1)
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
})

it.each(['send', 'query', 'reconcile', 'invoke'])(
  '%s --help shows the usage and exits 0',
  async (command) => {
    const { code, stdout, stderr } = await run(command, ['--help'])
    expect(stdout).toContain(`usage: npm run ${command}`)
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  },
)

it('query lists the named queries with their questions', async () => {
  const { code, stdout } = await run('query', [])
  expect(code).toBe(0)
  expect(stdout).toMatch(/^ {2}top-pages +Which pages are seen most/m)
})

it('query --json prints an array of row objects and nothing else', async () => {
  const { stdout, stderr } = await run('query', [
    'SELECT 1 AS a, NULL AS b UNION ALL SELECT 2, NULL ORDER BY a',
    '--json',
  ])
  expect(JSON.parse(stdout)).toEqual([
    { a: 1, b: null },
    { a: 2, b: null },
  ])
  expect(stderr).toBe('')
})
