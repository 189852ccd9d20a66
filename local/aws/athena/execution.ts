import { mkdirSync, readdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { readJsonFile, replaceFile } from '../file.ts'
import type { ResultColumn } from './column-types.ts'
import type { RunnableStatement } from './run-statement.ts'

export type ExecutionState = 'QUEUED' | 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'CANCELLED'

/** One query, as GetQueryExecution tells of it. */
export type Execution = {
  readonly id: string
  readonly sql: string
  readonly literals: readonly string[]
  readonly token: string | undefined
  readonly kind: RunnableStatement['kind']
  readonly database: string
  readonly workGroup: string
  /** `s3://bucket/key` of the result. */
  readonly outputLocation: string
  readonly submittedMs: number
  startedMs?: number
  completedMs?: number
  state: ExecutionState
  reason?: string
  scannedBytes: number
  columns: readonly ResultColumn[]
  updateCount?: number
}

export type ExecutionStore = {
  get(id: string): Execution | undefined
  withToken(token: string): Execution | undefined
  /** Newest first. */
  all(): Execution[]
  /** On disk when it returns. */
  save(execution: Execution): void
}

/** https://docs.aws.amazon.com/athena/latest/ug/querying.html: query history is kept for 45 days. */
const keptMs = 45 * 86_400_000

/** Queries as files, read when first asked for. What ran when the process was killed has failed. */
export function openExecutions(dataDir: string): ExecutionStore {
  const folder = join(dataDir, 'athena-executions')
  let loaded: Map<string, Execution> | undefined
  const executions = () => {
    loaded ??= load(folder)
    return loaded
  }
  return {
    get: (id) => executions().get(id),
    withToken: (token) => [...executions().values()].find((one) => one.token === token),
    all: () => [...executions().values()].sort((a, b) => b.submittedMs - a.submittedMs),
    save(execution) {
      executions().set(execution.id, execution)
      replaceFile(join(folder, `${execution.id}.json`), JSON.stringify(execution))
    },
  }
}

function load(folder: string): Map<string, Execution> {
  mkdirSync(folder, { recursive: true })
  const executions = new Map<string, Execution>()
  for (const name of readdirSync(folder).filter((one) => one.endsWith('.json'))) {
    const path = join(folder, name)
    if (statSync(path).mtimeMs < Date.now() - keptMs) rmSync(path)
    else {
      const execution = readJsonFile(path) as Execution
      executions.set(execution.id, ended(execution))
    }
  }
  return executions
}

function ended(execution: Execution): Execution {
  if (execution.state !== 'QUEUED' && execution.state !== 'RUNNING') return execution
  const reason = 'GENERIC_INTERNAL_ERROR: the endpoint was stopped while this query ran'
  return { ...execution, state: 'FAILED', reason, completedMs: execution.submittedMs }
}
