import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'

let folder: string

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'weir-lint-'))
  cpSync('biome.json', join(folder, 'biome.json'))
  cpSync('lint', join(folder, 'lint'), { recursive: true })
})

afterAll(() => rmSync(folder, { recursive: true }))

/** Lints a text as if it stood in that file of the project; answers whether it passed, and what was said. */
const lint = (file: string, text: string): { passes: boolean; said: string } => {
  mkdirSync(dirname(join(folder, file)), { recursive: true })
  writeFileSync(join(folder, file), `${text}\n`)
  const biome = resolve('node_modules/.bin/biome')
  const { status, stdout, stderr } = spawnSync(biome, ['lint', '--vcs-enabled=false', '--colors=off', file], {
    cwd: folder,
    encoding: 'utf8',
  })
  return { passes: status === 0, said: stdout + stderr }
}

const importing = (module: string): string => `import { x } from '${module}'\nexport const y = x`

it.each([
  ['shared/core/lane/probe.ts', '@aws-sdk/client-s3', 'core imports only itself'],
  ['shared/core/lane/probe.ts', '../../aws/s3.ts', 'core imports only itself'],
  ['shared/core/lane/probe.ts', '../../../analytics/metrics.ts', 'core imports only itself'],
  ['shared/core/lane/probe.ts', 'node:fs', 'core does no I/O'],
  ['shared/core/lane/probe.ts', 'node:timers/promises', 'core does no I/O'],
  ['shared/aws/probe.ts', '../../functions/tick/handler.ts', 'aws imports only core'],
  ['shared/aws/probe.ts', '../../analytics/metrics.ts', 'aws imports only core'],
  ['functions/tick/probe.ts', '../collect/handler.ts', 'functions import core, aws and analytics'],
  ['functions/tick/probe.ts', '@aws-sdk/client-s3', 'functions import core, aws and analytics'],
  ['analytics/probe.ts', 'node:fs/promises', "analytics imports core's definitions only"],
  ['analytics/probe.ts', 'node:fs', "analytics imports core's definitions only"],
  ['local/stack/probe.ts', '../../shared/aws/s3.ts', 'local must not share the code'],
  ['local/stack/probe.ts', '@aws-sdk/client-s3', 'local must not share the code'],
  ['commands/probe.ts', '../local/start.ts', 'commands import core, aws and analytics'],
  ['commands/cost/probe.ts', '@aws-sdk/client-s3', 'cost runs the local stack'],
  ['commands/cost/probe.ts', '../../functions/tick/handler.ts', 'cost runs the local stack'],
])('%s may not import %s', (file, module, rule) => {
  const { passes, said } = lint(file, importing(module))
  expect(passes).toBe(false)
  expect(said).toContain(rule)
})

it.each([
  ['shared/core/lane/probe.ts', 'node:zlib'],
  ['shared/core/lane/probe.ts', 'node:crypto'],
  ['shared/core/lane/probe.ts', '../event/outcome.ts'],
  ['shared/aws/probe.ts', '@aws-sdk/client-s3'],
  ['functions/tick/probe.ts', '../../shared/aws/s3.ts'],
  ['commands/cost/probe.ts', '../../local/stack/stack.ts'],
])('%s may import %s', (file, module) => {
  expect(lint(file, importing(module))).toMatchObject({ passes: true })
})

it.each([
  ['Date.now()', 'core reads no clock'],
  ['[1].map(Date.now)', 'core reads no clock'],
  ['new Date()', 'core reads no clock'],
  ['new Date', 'core reads no clock'],
  ['Math.random()', 'core has no randomness'],
  ['process.env', 'core reads no environment'],
  ['performance.now()', 'core reads no clock'],
])('the core may not say %s, and anybody else may', (expression, rule) => {
  const text = `export const probe = ${expression}`
  const { passes, said } = lint('shared/core/lane/probe.ts', text)
  expect(passes).toBe(false)
  expect(said).toContain(rule)
  expect(lint('commands/probe.ts', text)).toMatchObject({ passes: true })
})

it.each(['new Date(5)', 'Date.UTC(2026, 1)', "Date.parse('2026-11-20')", 'Math.max(1, 2)'])(
  'the core may say %s',
  (expression) => {
    expect(lint('shared/core/lane/probe.ts', `export const probe = ${expression}`)).toMatchObject({
      passes: true,
    })
  },
)
