import { randomUUID } from 'node:crypto'
import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { S3 } from '../s3/s3.ts'
import { type Catalogue, openCatalogue } from './catalogue.ts'
import { objectAt } from './context.ts'
import { type Execution, openExecutions } from './execution.ts'
import { invalidRequest } from './refusal.ts'
import type { RunnableStatement } from './run-statement.ts'
import { QueryRunner } from './runner.ts'
import { parseStatement, withParameters } from './statement.ts'

export type WorkGroup = {
  readonly name: string
  readonly description: string | undefined
  readonly outputLocation: string | undefined
  /** The workgroup's settings count, whatever the client says. */
  readonly isEnforced: boolean
  readonly maxScannedBytes: number | undefined
}

export type NamedQuery = {
  readonly id: string
  readonly name: string
  readonly description: string | undefined
  readonly database: string
  readonly workGroup: string
  readonly sql: string
}

export type PreparedStatement = {
  readonly name: string
  readonly description: string | undefined
  readonly workGroup: string
  readonly sql: string
}

export type QueryStart = {
  readonly sql: string
  readonly token: string | undefined
  readonly database: string | undefined
  readonly workGroup: string
  readonly outputLocation: string | undefined
  readonly literals: readonly string[]
}

/** Athena over DuckDB. Nothing of DuckDB is loaded before the first query. */
export type Athena = {
  readonly catalogue: Catalogue
  readonly s3: S3
  declareWorkGroup(workGroup: WorkGroup): void
  declareNamedQuery(query: NamedQuery): void
  declarePreparedStatement(statement: PreparedStatement): void
  workGroup(name: string): WorkGroup
  workGroups(): WorkGroup[]
  namedQueries(workGroup: string): NamedQuery[]
  namedQuery(id: string): NamedQuery | undefined
  preparedStatements(workGroup: string): PreparedStatement[]
  /** Throws on what AWS refuses at once; what fails later shows in the execution. */
  start(query: QueryStart): Execution
  execution(id: string): Execution
  executions(workGroup: string): Execution[]
  stop(id: string): void
  close(): Promise<void>
}

export type AthenaOptions = { dataDir: string; s3: S3; onEnded?(execution: Execution): void }

export function openAthena({ dataDir, s3, ...listener }: AthenaOptions): Athena {
  // What DuckDB had put aside when the process was killed.
  rmSync(join(dataDir, 'athena-spill'), { recursive: true, force: true })
  // DuckDB makes the folder of a query in it, but not this one.
  mkdirSync(join(dataDir, 'athena-spill'), { recursive: true })
  const catalogue = openCatalogue(dataDir)
  catalogue.declareDatabase('default')
  const executions = openExecutions(dataDir)
  const runner = new QueryRunner({ dataDir, s3, catalogue, executions, ...listener })
  const primary = { name: 'primary', description: undefined, outputLocation: undefined }
  const workGroups = new Map<string, WorkGroup>([
    ['primary', { ...primary, isEnforced: false, maxScannedBytes: undefined }],
  ])
  const namedQueries = new Map<string, NamedQuery>()
  const preparedStatements = new Map<string, PreparedStatement>()

  function workGroup(name: string): WorkGroup {
    const found = workGroups.get(name)
    if (!found) throw invalidRequest(`WorkGroup ${name} is not found.`)
    return found
  }

  function execution(id: string): Execution {
    const found = executions.get(id)
    if (!found) throw invalidRequest(`QueryExecution ${id} was not found`)
    return found
  }

  /** With EXECUTE and question marks replaced by what they stand for. */
  function runnable(query: QueryStart): RunnableStatement {
    const statement = parseStatement(query.sql)
    if (statement.kind !== 'execute')
      return query.literals.length === 0 ? statement : asRunnable(withParameters(query.sql, query.literals))
    const prepared = preparedStatements.get(`${query.workGroup}/${statement.name}`)
    if (!prepared)
      throw invalidRequest(
        `PreparedStatement ${statement.name} was not found in workGroup ${query.workGroup}`,
      )
    const literals = statement.literals.length > 0 ? statement.literals : query.literals
    return asRunnable(withParameters(prepared.sql, literals))
  }

  function outputOf(query: QueryStart, statement: RunnableStatement, id: string): string {
    const group = workGroup(query.workGroup)
    if (group.isEnforced && statement.kind === 'create-table' && statement.properties.externalLocation)
      throw invalidRequest(
        "The Create Table As Select query failed because it was submitted with an 'external_location' property to an Athena Workgroup that enforces a centralized output location for all queries. Please remove the 'external_location' property and resubmit the query.",
      )
    const location = group.isEnforced ? group.outputLocation : (query.outputLocation ?? group.outputLocation)
    if (location === undefined)
      throw invalidRequest(
        'No output location provided. An output location is required either through the Workgroup result configuration setting or as an API input.',
      )
    const output = `${location.replace(/\/$/, '')}/${id}${endings[statement.kind] ?? '.txt'}`
    if (!s3.hasBucket(objectAt(output).bucket))
      throw invalidRequest(`Unable to verify/create output bucket ${objectAt(output).bucket}`)
    return output
  }

  return {
    catalogue,
    s3,
    declareWorkGroup: (group) => workGroups.set(group.name, group),
    declareNamedQuery: (query) => namedQueries.set(query.id, query),
    declarePreparedStatement: (statement) =>
      preparedStatements.set(`${statement.workGroup}/${statement.name}`, statement),
    workGroup,
    workGroups: () => [...workGroups.values()],
    namedQueries: (group) => [...namedQueries.values()].filter((one) => one.workGroup === group),
    namedQuery: (id) => namedQueries.get(id),
    preparedStatements: (group) => [...preparedStatements.values()].filter((one) => one.workGroup === group),
    start(query) {
      const before = query.token === undefined ? undefined : executions.withToken(query.token)
      if (before) return sameOrRefuse(before, query)
      const statement = runnable(query)
      const id = randomUUID()
      const execution: Execution = {
        id,
        sql: query.sql,
        literals: query.literals,
        token: query.token,
        kind: statement.kind,
        database: query.database?.toLowerCase() ?? 'default',
        workGroup: query.workGroup,
        outputLocation: outputOf(query, statement, id),
        submittedMs: Date.now(),
        state: 'QUEUED',
        scannedBytes: 0,
        columns: [],
      }
      const { maxScannedBytes } = workGroup(query.workGroup)
      runner.submit({ execution, statement, maxScannedBytes })
      return execution
    },
    execution,
    executions: (group) => executions.all().filter((one) => one.workGroup === group),
    stop(id) {
      runner.stop(execution(id).id)
    },
    close: () => runner.close(),
  }
}

const endings: Partial<Record<RunnableStatement['kind'], string>> = {
  select: '.csv',
  'create-table': '',
  insert: '',
}

function asRunnable(sql: string): RunnableStatement {
  const statement = parseStatement(sql)
  if (statement.kind === 'execute') throw invalidRequest('EXECUTE of EXECUTE is not supported')
  return statement
}

/** https://docs.aws.amazon.com/athena/latest/APIReference/API_StartQueryExecution.html: an error if a parameter differs. */
function sameOrRefuse(before: Execution, query: QueryStart): Execution {
  if (before.sql === query.sql && before.workGroup === query.workGroup) return before
  throw invalidRequest('Idempotent parameters do not match')
}
