import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  AthenaClient,
  GetQueryExecutionCommand,
  GetQueryResultsCommand,
  type GetQueryResultsCommandOutput,
  type QueryExecution,
  StartQueryExecutionCommand,
  StopQueryExecutionCommand,
} from '@aws-sdk/client-athena'
import { type SqlEngine, SqlLimitError, type SqlLimits, type SqlResult } from '../core/lake/sql-engine.ts'

export type AthenaOptions = {
  readonly workGroup: string
  readonly database: string
  readonly client?: AthenaClient
  /** Between two looks at a query: short at first, for the many that take a second. */
  readonly firstPollMs?: number
  readonly longestPollMs?: number
}

// https://docs.aws.amazon.com/athena/latest/APIReference/API_GetQueryResults.html
const maxRowsPerPage = 1000

/** Athena as an engine of SQL, and for results that do not fit into memory. */
export type Athena = SqlEngine & {
  /** Rows in the order of the result, a page at a time. */
  stream(sql: string, limits?: SqlLimits): AsyncIterable<Rows>
}

type Rows = SqlResult['rows']

/**
 * A statement is stopped when it takes longer or has scanned more than it may. Of statements that answer no rows
 * (CREATE, ALTER, DROP, INSERT) the result has none.
 */
export const createAthena = (o: AthenaOptions): Athena => {
  const client = o.client ?? sharedClient()
  const execute = async (sql: string, limits: SqlLimits = {}): Promise<QueryExecution> => {
    const started = await client.send(
      new StartQueryExecutionCommand({
        QueryString: sql,
        // A retry of this call after a lost answer finds the query that the first one started.
        ClientRequestToken: randomUUID(),
        QueryExecutionContext: { Database: o.database },
        WorkGroup: o.workGroup,
      }),
    )
    const id = started.QueryExecutionId
    if (!id) throw new Error('Athena answered without a query execution id')
    return ended(id, { client, o, ...limits })
  }
  return {
    async run(sql, limits) {
      const { maxRows = Number.POSITIVE_INFINITY } = limits ?? {}
      const execution = await execute(sql, limits)
      let columns: SqlResult['columns'] = []
      const rows: Rows[number][] = []
      for await (const page of pages(execution, client)) {
        columns = page.columns
        for (const row of page.rows) rows.push(row)
        if (rows.length >= maxRows) break
      }
      return {
        columns,
        rows: rows.slice(0, maxRows),
        scannedBytes: execution.Statistics?.DataScannedInBytes ?? 0,
        elapsedMs: execution.Statistics?.TotalExecutionTimeInMillis ?? 0,
      }
    },
    async *stream(sql, limits) {
      const execution = await execute(sql, limits)
      for await (const { rows } of pages(execution, client)) yield rows
    },
  }
}

type Waiting = SqlLimits & { readonly client: AthenaClient; readonly o: AthenaOptions }

/** The execution once it has succeeded. */
async function ended(id: string, waiting: Waiting): Promise<QueryExecution> {
  const { client, o } = waiting
  const { firstPollMs = 50, longestPollMs = 2_000 } = o
  const startedMs = performance.now()
  for (let pollMs = firstPollMs; ; pollMs = Math.min(pollMs * 1.5, longestPollMs)) {
    const answer = await client.send(new GetQueryExecutionCommand({ QueryExecutionId: id }))
    const execution = answer.QueryExecution ?? {}
    const { State: state, StateChangeReason: reason } = execution.Status ?? {}
    if (state === 'FAILED' || state === 'CANCELLED')
      throw new Error(`Athena: the query ${id} ${state === 'FAILED' ? 'failed' : 'was cancelled'}: ${reason}`)
    const tooMuch = excess(execution, { ...waiting, elapsedMs: performance.now() - startedMs })
    if (tooMuch !== undefined) {
      if (state !== 'SUCCEEDED') await client.send(new StopQueryExecutionCommand({ QueryExecutionId: id }))
      throw new SqlLimitError(tooMuch.limit, `Athena: the query ${id} ${tooMuch.said}`)
    }
    if (state === 'SUCCEEDED') return execution
    await sleep(pollMs)
  }
}

/** What it did more of than it may. Done in time is done, whatever the clock says when we hear of it. */
function excess(
  { Status, Statistics }: QueryExecution,
  { maxScannedBytes, timeoutMs, elapsedMs }: Waiting & { readonly elapsedMs: number },
): { readonly limit: SqlLimitError['limit']; readonly said: string } | undefined {
  const scannedBytes = Statistics?.DataScannedInBytes ?? 0
  if (maxScannedBytes !== undefined && scannedBytes > maxScannedBytes)
    return { limit: 'bytes', said: `scanned ${scannedBytes} bytes, more than the ${maxScannedBytes} it may` }
  if (timeoutMs !== undefined && Status?.State !== 'SUCCEEDED' && elapsedMs >= timeoutMs)
    return { limit: 'time', said: `took longer than the ${timeoutMs} ms it may` }
  return undefined
}

const hasRows = ({ StatementType, SubstatementType }: QueryExecution): boolean =>
  StatementType === 'UTILITY' || (StatementType === 'DML' && SubstatementType !== 'INSERT')

async function* pages(
  execution: QueryExecution,
  client: AthenaClient,
): AsyncGenerator<Pick<SqlResult, 'columns' | 'rows'>> {
  if (!hasRows(execution)) return
  let token: string | undefined
  do {
    const page: GetQueryResultsCommandOutput = await client.send(
      new GetQueryResultsCommand({
        QueryExecutionId: execution.QueryExecutionId,
        MaxResults: maxRowsPerPage,
        ...(token ? { NextToken: token } : {}),
      }),
    )
    const columns = (page.ResultSet?.ResultSetMetadata?.ColumnInfo ?? []).map(({ Name, Type }) => ({
      name: Name ?? '',
      type: Type ?? '',
    }))
    const rows = (page.ResultSet?.Rows ?? []).map(({ Data }) =>
      (Data ?? []).map(({ VarCharValue }) => VarCharValue ?? null),
    )
    // Of a SELECT the first row of all repeats the names of the columns; of SHOW and the like it does not.
    const [first] = rows
    if (token === undefined && first && columns.every(({ name }, index) => first[index] === name))
      rows.shift()
    yield { columns, rows }
    token = page.NextToken
  } while (token)
}

let client: AthenaClient | undefined
/** Made at the first call, not at import: commands set the endpoint in the environment first. */
function sharedClient(): AthenaClient {
  client ??= new AthenaClient({})
  return client
}
