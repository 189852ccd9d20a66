import { mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  type AthenaClient,
  GetQueryExecutionCommand,
  GetQueryResultsCommand,
  type QueryExecution,
  StartQueryExecutionCommand,
  type StartQueryExecutionCommandInput,
} from '@aws-sdk/client-athena'
import { DuckDBInstance } from '@duckdb/node-api'
import type { Endpoint } from '../../local/aws/endpoint.ts'

export const database = 'weir_test'
export const workGroup = 'weir-test'
export const lake = 'weir-test-lake'

/** A table of clicks partitioned by day and hour as the template declares one, and one whose parts are added by hand. */
export function declareLake({ athena }: Endpoint): void {
  athena.declareWorkGroup({
    name: workGroup,
    description: 'for tests',
    outputLocation: `s3://${lake}/athena-results/`,
    isEnforced: false,
    maxScannedBytes: undefined,
  })
  athena.catalogue.declareDatabase(database)
  athena.catalogue.declareTable(database, {
    name: 'clicks',
    format: 'parquet',
    location: `s3://${lake}/clicks/`,
    columns: [
      { name: 'id', type: 'bigint' },
      { name: 'visitor', type: 'string' },
      { name: 'at_time', type: 'timestamp' },
      { name: 'tags', type: 'array<string>' },
      { name: 'price', type: 'double' },
      { name: 'added_later', type: 'string' },
    ],
    partitionKeys: [
      { name: 'dt', type: 'string' },
      { name: 'hour', type: 'string' },
    ],
    isProjected: true,
  })
  athena.catalogue.declareTable(database, {
    name: 'clicks_daily',
    format: 'parquet',
    location: `s3://${lake}/clicks_daily/`,
    columns: [
      { name: 'id', type: 'bigint' },
      { name: 'visitor', type: 'string' },
    ],
    partitionKeys: [{ name: 'part', type: 'string' }],
    isProjected: false,
  })
}

/** Writes the rows of a query of DuckDB as an object of the lake. */
export async function putParquet(dataDir: string, key: string, query: string): Promise<void> {
  const path = join(dataDir, 'lake', key)
  mkdirSync(dirname(path), { recursive: true })
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  await connection.run(`COPY (${query}) TO '${path}' (FORMAT parquet)`)
  connection.closeSync()
  instance.closeSync()
}

export type Asked = Partial<StartQueryExecutionCommandInput>

export async function start(client: AthenaClient, sql: string, more: Asked = {}): Promise<string> {
  const context = { QueryExecutionContext: { Database: database }, WorkGroup: workGroup }
  const command = new StartQueryExecutionCommand({ QueryString: sql, ...context, ...more })
  return (await client.send(command)).QueryExecutionId ?? ''
}

export async function look(client: AthenaClient, id: string): Promise<QueryExecution> {
  const answer = await client.send(new GetQueryExecutionCommand({ QueryExecutionId: id }))
  return answer.QueryExecution ?? {}
}

const pollMs = 10

/** The execution once it has ended, however it did. */
export async function end(client: AthenaClient, id: string): Promise<QueryExecution> {
  for (;;) {
    const execution = await look(client, id)
    if (!['QUEUED', 'RUNNING'].includes(execution.Status?.State ?? '')) return execution
    await sleep(pollMs)
  }
}

export async function run(client: AthenaClient, sql: string, more: Asked = {}): Promise<QueryExecution> {
  return end(client, await start(client, sql, more))
}

export type Rows = (string | undefined)[][]

/** Runs a query and answers its rows, the header first; throws when it does not succeed. */
export async function rowsOf(client: AthenaClient, sql: string, more: Asked = {}): Promise<Rows> {
  const execution = await run(client, sql, more)
  if (execution.Status?.State !== 'SUCCEEDED') throw new Error(execution.Status?.StateChangeReason)
  return (await page(client, execution)).rows
}

export async function page(
  client: AthenaClient,
  { QueryExecutionId }: QueryExecution,
  more: { readonly MaxResults?: number; readonly NextToken?: string | undefined } = {},
) {
  const answer = await client.send(new GetQueryResultsCommand({ QueryExecutionId, ...more }))
  const rows =
    answer.ResultSet?.Rows?.map(({ Data }) => (Data ?? []).map(({ VarCharValue }) => VarCharValue)) ?? []
  return { answer, rows }
}
