import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Invoked } from '../../local/stack/lambdas.ts'
import { type Stack, startStack } from '../../local/stack/stack.ts'

const projectDir = join(import.meta.dirname, '../..')

export type Ended = { readonly code: number; readonly stdout: string; readonly stderr: string }

export type Cell = { readonly by: Readonly<Record<string, string>>; readonly value: number }
export type MetricWindow = {
  /** Milliseconds since 1970. */
  readonly start: number
  readonly complete: boolean
  readonly cells: readonly Cell[]
}

/** The project itself on the local stack, with data of its own, and the commands a person would give it. */
export type RunningProject = {
  readonly stack: Stack
  /** Every invocation since the start that threw, or gave records back. */
  readonly troubles: readonly string[]
  /** `npm run COMMAND -- ARGS`. */
  run(command: string, ...args: readonly string[]): Promise<Ended>
  /** Rows of a query of the lake. */
  rows(sql: string): Promise<Record<string, unknown>[]>
  /** Windows of a metric, as the query API answers: `metric('pageViews', 'grain=1m&from=…&to=…')`. */
  metric(name: string, query: string): Promise<readonly MetricWindow[]>
  /** Writes a file of these bytes; answers its path. */
  file(name: string, content: string | Buffer): string
  stop(): Promise<void>
}

/** Ready when it resolves. The package of the sources is made once for all tests. */
export async function startProject(): Promise<RunningProject> {
  const folder = mkdtempSync(join(tmpdir(), 'weir-e2e-'))
  const buildDir = join(projectDir, '.weir/build')
  const stack = await startStack({ projectDir, dataDir: join(folder, 'data'), port: 0, awsPort: 0, buildDir })
  const troubles: string[] = []
  stack.onInvoked((invoked) => troubles.push(...troubleOf(invoked)))
  const env = { ...process.env, AWS_ENDPOINT_URL: stack.awsUrl, WEIR_LAKE: join(stack.dataDir, 'lake') }
  const run: RunningProject['run'] = (command, ...args) =>
    execute(process.execPath, [`commands/${command}.ts`, ...args], env)
  return {
    stack,
    troubles,
    run,
    async rows(sql) {
      const { code, stdout, stderr } = await run('query', sql, '--json')
      if (code !== 0) throw new Error(stderr)
      return JSON.parse(stdout)
    },
    async metric(name, query) {
      const response = await fetch(`${stack.url}/v1/metrics/${name}?${query}`)
      if (!response.ok) throw new Error(await response.text())
      const { windows }: { windows: MetricWindow[] } = JSON.parse(await response.text())
      return windows
    },
    file(name, content) {
      const path = join(folder, name)
      writeFileSync(path, content)
      return path
    },
    async stop() {
      await stack.stop()
      rmSync(folder, { recursive: true })
    },
  }
}

/** Runs a program in the project's folder to its end. */
export function execute(program: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<Ended> {
  return new Promise((resolve) => {
    const options = { cwd: projectDir, env, maxBuffer: 64 * 1024 * 1024 }
    execFile(program, args, options, (error, stdout, stderr) => {
      resolve({ code: error ? Number(error.code) : 0, stdout, stderr })
    })
  })
}

function troubleOf({ functionName, invocation }: Invoked): string[] {
  if (invocation.kind === 'failed') return [`${functionName}: ${invocation.errorMessage}`]
  const result: unknown = JSON.parse(invocation.payload)
  if (typeof result !== 'object' || result === null || !('batchItemFailures' in result)) return []
  const failures = JSON.stringify(result.batchItemFailures)
  return failures === '[]' ? [] : [`${functionName} gave back ${failures}`]
}
