import type { SqlResult } from '../lake/sql-engine.ts'
import { csvText } from './csv-text.ts'
import type { ReportDefinition, ReportTarget } from './definitions.ts'
import { type MetricValue, type Result, type RunCost, type RunId, runText } from './ledger.ts'
import type { ReportPorts } from './ports.ts'
import {
  addPartitionSql,
  dropSql,
  locationOf,
  partitionOf,
  reportPrefix,
  temporaryTable,
  writeSql,
} from './report-table.ts'
import type { ReportRun } from './run-report.ts'

export type Made = { readonly result: Result; readonly cost: RunCost }

/** Asks the query within the report's budget, and puts the answer where nobody sees it yet. */
export const makeResult = async (of: ReportRun, sql: string, ports: ReportPorts): Promise<Made> => {
  const { run, report } = of
  const { timeoutMs, maxScannedBytes, target } = report
  const ask = (statement: string): Promise<SqlResult> =>
    ports.sql.run(statement, { timeoutMs, maxScannedBytes })
  if (target.kind === 'table') {
    const attempt = { table: target.table, bucket: ports.bucket, at: run.at, attempt: of.attempt }
    const temporary = temporaryTable(attempt)
    const written = await ask(writeSql({ ...attempt, query: of.query, sql }))
    // Its files stay.
    await ports.sql.run(dropSql(temporary))
    const result = { kind: 'table', partition: partitionOf(attempt), location: locationOf(attempt) } as const
    return { result, cost: costOf(written) }
  }
  const answer = await ask(sql)
  const cost = costOf(answer)
  if (target.kind === 'metric') return { result: { kind: 'metric', values: valuesOf(answer, target) }, cost }
  const key = csvKey(target.prefix, run)
  // Of one name for all attempts: the first to write it has made the answer of this run.
  await ports.files.putOnce(key, Buffer.from(csvText(answer)))
  return { result: { kind: 'csv', key }, cost }
}

/** Shows the chosen result to all. May be done again. */
export const showResult = async (
  result: Result,
  { run, report }: { readonly run: RunId; readonly report: ReportDefinition },
  ports: ReportPorts,
): Promise<void> => {
  const { target } = report
  if (result.kind === 'table' && target.kind === 'table') {
    await ports.sql.run(addPartitionSql(target.table, result.partition, result.location))
    await sweepAttempts(result.partition, { run, table: target.table }, ports)
  } else if (result.kind === 'metric' && target.kind === 'metric') {
    const { metric, by = '' } = target
    ports.emit({ name: metric, dimension: by, at: run.at, values: result.values })
  }
}

/** What attempts have left that were not chosen. */
const sweepAttempts = async (
  chosen: string,
  { run, table }: { readonly run: RunId; readonly table: string },
  { files, sql }: ReportPorts,
): Promise<void> => {
  const prefix = `${reportPrefix(table)}run=${runText(run.at)}.`
  const keys = await files.list(prefix)
  const left = keys.filter((key) => !key.startsWith(`${reportPrefix(table)}run=${chosen}/`))
  // One that died between its query and the dropping has left a table too.
  const attempts = new Set(left.map((key) => key.slice(prefix.length).split('/', 1)[0] ?? ''))
  for (const attempt of attempts) await sql.run(dropSql(temporaryTable({ table, at: run.at, attempt })))
  if (left.length > 0) await files.delete(left)
}

export const csvKey = (prefix: string, { at }: Pick<RunId, 'at'>): string =>
  `reports-csv/${prefix}/${runText(at)}.csv`

const costOf = ({ scannedBytes, elapsedMs }: SqlResult): RunCost => ({ scannedBytes, elapsedMs })

/** Each series of a metric is billed for. */
const mostValues = 50

const valuesOf = (
  { columns, rows }: SqlResult,
  { column, by }: Extract<ReportTarget, { kind: 'metric' }>,
): MetricValue[] => {
  const placeOf = (name: string): number => {
    const place = columns.findIndex((one) => one.name === name)
    if (place === -1) throw new Error(`the query answers no column "${name}"`)
    return place
  }
  const [value, of] = [placeOf(column), by === undefined ? undefined : placeOf(by)]
  if (rows.length > (of === undefined ? 1 : mostValues))
    throw new Error(
      `the query answers ${rows.length} rows; a metric takes ${of === undefined ? 'one, or a row for each value of "by"' : mostValues}`,
    )
  return rows.flatMap((row) => {
    const text = row[value] ?? null
    // NULL is no number: a metric has nothing at that time then.
    if (text === null) return []
    const number = Number(text)
    if (text.trim() === '' || !Number.isFinite(number)) throw new Error(`"${text}" in ${column} is no number`)
    return [{ value: number, of: of === undefined ? '' : (row[of] ?? '') }]
  })
}
