import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs, promisify } from 'node:util'
import { startEndpoint } from '../../local/aws/endpoint.ts'
import { type Build, build } from '../../local/stack/build.ts'
import type { FunctionDeclaration } from '../../local/stack/declaration.ts'
import { bundleOf } from '../../local/stack/handler-file.ts'
import { lambdaEnvironment, shortName } from '../../local/stack/lambda-environment.ts'
import { createResources, foldersOf } from '../../local/stack/resources.ts'
import { seedParameters } from '../../local/stack/secrets.ts'
import { wholeNumber } from '../support/whole-number.ts'
import { firstEvents } from './cold-start-events.ts'
import { machineText } from './machine.ts'
import { median } from './measure.ts'
import type { Table } from './part.ts'
import { toText } from './table.ts'

const help = `node test/bench/cold-start.ts [options]

What a cold start of each function takes, in a fresh process each time: the import of its bundle, the first invocation of
enrich and aggregate with 1,000 events against the local endpoint, and the size of its zip. Medians.

  --rounds N   processes for each function (default 7)
  --check      exits 1 when an import takes 80 ms or more, or a zip 12 MB or more
  --help       this text
`

const projectDir = join(import.meta.dirname, '../..')
const maxImportMs = 80
const maxZipBytes = 12 * 1000 * 1000
const events = 1_000

type ColdStart = {
  readonly name: string
  readonly zipBytes: number
  readonly importMs: number
  /** Which other work on the machine lengthens less. */
  readonly importCpuMs: number
  /** Of the functions that are given a batch. */
  readonly firstMs: number | undefined
}

/** The functions in turns, so that whatever else the machine does befalls all of them. */
const measureColdStarts = async (rounds: number): Promise<ColdStart[]> => {
  const buildDir = join(projectDir, '.weir/build')
  const built = await build({ projectDir, buildDir })
  const folder = mkdtempSync(join(tmpdir(), 'weir-cold-'))
  const endpoint = await startEndpoint({
    port: 0,
    dataDir: join(folder, 'data'),
    buckets: foldersOf(built.declaration),
  })
  try {
    await createResources(endpoint, built.declaration)
    seedParameters(endpoint.ssm)
    const files = new Map<string, string>()
    for (const [name, event] of Object.entries(await firstEvents(events))) {
      files.set(name, join(folder, `${name}.json`))
      writeFileSync(join(folder, `${name}.json`), JSON.stringify(event))
    }
    const endpointUrl = `http://127.0.0.1:${endpoint.port}`
    const found = built.declaration.functions.map((declared) => ({ declared, runs: [] as Run[] }))
    for (let round = 0; round < rounds; round++)
      for (const { declared, runs } of found)
        runs.push(
          await runOnce(declared, { build: built, endpointUrl, event: files.get(shortName(declared.name)) }),
        )
    return found.map(({ declared, runs }) => ({
      name: shortName(declared.name),
      zipBytes: statSync(zipOf(declared, built)).size,
      importMs: median(runs.map(({ importMs }) => importMs)),
      importCpuMs: median(runs.map(({ importCpuMs }) => importCpuMs)),
      firstMs: runs[0]?.firstMs === undefined ? undefined : median(runs.map(({ firstMs = 0 }) => firstMs)),
    }))
  } finally {
    await endpoint.close()
    rmSync(folder, { recursive: true })
  }
}

type Run = { readonly importMs: number; readonly importCpuMs: number; readonly firstMs?: number }

const run = promisify(execFile)

const runOnce = async (
  declared: FunctionDeclaration,
  o: { readonly build: Build; readonly endpointUrl: string; readonly event: string | undefined },
): Promise<Run> => {
  const taskRoot = o.build.taskRoot(declared.zip)
  const { file, exportName } = bundleOf(taskRoot, declared.handler)
  const child = join(import.meta.dirname, 'cold-start-child.cjs')
  const given = [child, file, exportName, ...(o.event === undefined ? [] : [o.event])]
  const env = lambdaEnvironment(declared, { taskRoot, endpointUrl: o.endpointUrl })
  const { stdout } = await run(process.execPath, given, { env, maxBuffer: 64 * 1024 * 1024 })
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '')
}

/** Beside the folder of what was in the zips. */
const zipOf = ({ zip }: FunctionDeclaration, { taskRoot }: Build): string => join(taskRoot(zip), '../..', zip)

const tableOf = (starts: readonly ColdStart[]): Table => ({
  columns: ['function', 'import, ms', 'CPU, ms', `first ${events} events, ms`, 'zip, KB'],
  rows: starts.map(({ name, importMs, importCpuMs, firstMs, zipBytes }) => [
    name,
    importMs.toFixed(1),
    importCpuMs.toFixed(1),
    firstMs?.toFixed(0) ?? '',
    (zipBytes / 1000).toFixed(0),
  ]),
})

const problems = (starts: readonly ColdStart[]): string[] =>
  starts.flatMap(({ name, importMs, zipBytes }) => [
    ...(importMs < maxImportMs ? [] : [`${name}: the import takes ${importMs.toFixed(1)} ms`]),
    ...(zipBytes < maxZipBytes ? [] : [`${name}: the zip has ${zipBytes} bytes`]),
  ])

const main = async (): Promise<number> => {
  const { values } = parseArgs({
    options: {
      rounds: { type: 'string', default: '7' },
      check: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) {
    process.stdout.write(help)
    return 0
  }
  const starts = await measureColdStarts(wholeNumber(values.rounds, '--rounds'))
  console.log(toText(tableOf(starts)))
  console.log(machineText())
  const found = problems(starts)
  for (const line of found) console.log(line)
  return values.check && found.length > 0 ? 1 : 0
}

process.exitCode = await main()
