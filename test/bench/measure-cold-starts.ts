import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { startEndpoint } from '../../local/aws/endpoint.ts'
import { type Build, build } from '../../local/stack/build.ts'
import type { FunctionDeclaration } from '../../local/stack/declaration.ts'
import { bundleOf } from '../../local/stack/handler-file.ts'
import { lambdaEnvironment, shortName } from '../../local/stack/lambda-environment.ts'
import { createResources, foldersOf } from '../../local/stack/resources.ts'
import { seedParameters } from '../../local/stack/secrets.ts'
import { firstEvents } from './cold-start-events.ts'

const projectDir = join(import.meta.dirname, '../..')

/** Of one function, in a process of its own. */
export type ColdStart = {
  readonly importMs: number
  /** Processor time, which other work on the machine lengthens less. */
  readonly importCpuMs: number
  /** Of the functions that are given a batch. */
  readonly firstMs?: number
}

export type ColdFunction = {
  readonly name: string
  readonly zipBytes: number
  readonly starts: readonly ColdStart[]
}

/** Each function so many times, in turns, so that whatever else the machine does befalls all of them. */
export const measureColdStarts = async (o: {
  readonly starts: number
  /** In the first batch of enrich and of aggregate. */
  readonly events: number
}): Promise<readonly ColdFunction[]> => {
  const built = await build({ projectDir, buildDir: join(projectDir, '.weir/build') })
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
    for (const [name, event] of Object.entries(await firstEvents(o.events))) {
      files.set(name, join(folder, `${name}.json`))
      writeFileSync(join(folder, `${name}.json`), JSON.stringify(event))
    }
    const endpointUrl = `http://127.0.0.1:${endpoint.port}`
    const found = built.declaration.functions.map((declared) => ({ declared, starts: [] as ColdStart[] }))
    for (let start = 0; start < o.starts; start++)
      for (const { declared, starts } of found)
        starts.push(
          await startOnce(declared, { built, endpointUrl, event: files.get(shortName(declared.name)) }),
        )
    return found.map(({ declared, starts }) => ({
      name: shortName(declared.name),
      zipBytes: statSync(zipOf(declared, built)).size,
      starts,
    }))
  } finally {
    await endpoint.close()
    rmSync(folder, { recursive: true })
  }
}

const run = promisify(execFile)

const startOnce = async (
  declared: FunctionDeclaration,
  o: { readonly built: Build; readonly endpointUrl: string; readonly event: string | undefined },
): Promise<ColdStart> => {
  const taskRoot = o.built.taskRoot(declared.zip)
  const { file, exportName } = bundleOf(taskRoot, declared.handler)
  const child = join(import.meta.dirname, 'cold-start-child.cjs')
  const given = [child, file, exportName, ...(o.event === undefined ? [] : [o.event])]
  const env = lambdaEnvironment(declared, { taskRoot, endpointUrl: o.endpointUrl })
  const { stdout } = await run(process.execPath, given, { env, maxBuffer: 64 * 1024 * 1024 })
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '')
}

/** Beside the folder of what was in the zips. */
const zipOf = ({ zip }: FunctionDeclaration, { taskRoot }: Build): string => join(taskRoot(zip), '../..', zip)
