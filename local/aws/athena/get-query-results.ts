import { invalidMember } from '../errors.ts'
import type { Input } from '../input.ts'
import type { Athena } from './athena.ts'
import type { ResultColumn } from './column-types.ts'
import { objectAt } from './context.ts'
import { invalidRequest } from './refusal.ts'
import { readPage } from './result-file.ts'

const maxRows = 1000

/** Pages of the result file. The first row of a query's first page names its columns. */
export async function getQueryResults(athena: Athena, input: Input) {
  const execution = athena.execution(input.text('QueryExecutionId'))
  const { state, columns, updateCount, outputLocation } = execution
  if (state === 'QUEUED' || state === 'RUNNING')
    throw invalidRequest(`Query has not yet finished. Current state: ${state}`)
  if (state !== 'SUCCEEDED')
    throw invalidRequest(`Query did not finish successfully. Final query state: ${state}`)
  const wanted = input.optionalNumber('MaxResults') ?? maxRows
  if (wanted < 1 || wanted > maxRows)
    throw invalidMember('maxResults', `Member must have value between 1 and ${maxRows}`)
  const answer = (rows: readonly (readonly (string | undefined)[])[]) => ({
    ...(updateCount !== undefined && { UpdateCount: updateCount }),
    ResultSet: {
      Rows: rows.map((row) => ({
        Data: row.map((text) => (text === undefined ? {} : { VarCharValue: text })),
      })),
      ResultSetMetadata: { ColumnInfo: columns.map(shownColumn) },
    },
  })
  if (updateCount !== undefined) return answer([])
  const { bucket, key } = objectAt(outputLocation)
  const object = await athena.s3.open(bucket, key)
  if (!object) throw invalidRequest(`Could not find results at ${outputLocation}`)
  try {
    const page = await readPage(object.file, {
      offset: offsetOf(input.optionalText('NextToken')),
      maxRows: wanted,
    })
    return { ...answer(page.rows), ...(page.next !== undefined && { NextToken: tokenOf(page.next) }) }
  } finally {
    await object.file.close()
  }
}

const tokenOf = (offset: number): string => Buffer.from(`at ${offset}`).toString('base64')

function offsetOf(token: string | undefined): number {
  if (token === undefined) return 0
  const [, offset] = /^at (\d+)$/.exec(Buffer.from(token, 'base64').toString()) ?? []
  if (offset === undefined) throw invalidRequest('Malformed NextToken')
  return Number(offset)
}

function shownColumn({ name, type, precision, scale }: ResultColumn) {
  return {
    CatalogName: 'hive',
    SchemaName: '',
    TableName: '',
    Name: name,
    Label: name,
    Type: type,
    Precision: precision,
    Scale: scale,
    Nullable: 'UNKNOWN',
    CaseSensitive: type === 'varchar',
  }
}
