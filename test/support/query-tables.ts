import { DuckDBInstance } from '@duckdb/node-api'
import { plan } from '../../analytics/plan/plan.ts'
import type { PrintedValue } from '../../commands/command-line/text-table.ts'
import { printedValue } from '../../commands/lake/printed-value.ts'
import { namedQueries } from '../../commands/query/named-query.ts'
import { duckdbDialect } from '../../shared/core/lake/duckdb-dialect.ts'
import { duckdbTypes } from '../../shared/core/lake/duckdb-types.ts'
import { bindParameters } from '../../shared/core/lake/named-query.ts'
import { type ColumnType, lakeTables } from '../../shared/core/lake/tables.ts'
import { visitors } from '../../shared/core/lake/visitors.ts'

type Cell = string | number | boolean | null | readonly string[]

/** What a test says of a row; the rest is filled in. Times are epoch ms, or texts as SQL has them, in UTC. */
export type Row = Readonly<Record<string, Cell>>
export type AnswerRow = Readonly<Record<string, PrintedValue>>

export type QueryRows = {
  readonly events?: readonly Row[]
  readonly sessions?: readonly Row[]
  readonly badEvents?: readonly Row[]
}

export type QueryTables = {
  /** Replaces whatever the tables held. A table that is not named is empty. */
  fill(rows: QueryRows): Promise<void>
  /** A query of analytics/queries with texts as the command line takes them, by parameter name. */
  runQuery(name: string, parameters?: Readonly<Record<string, string>>): Promise<AnswerRow[]>
  /** Any SQL, such as a lookup table that a query joins. */
  sql(text: string): Promise<AnswerRow[]>
  close(): void
}

/**
 * What named queries read, as tables in memory with the dialect of the lake: events_once, sessions_final and
 * bad_events are filled, visitors is the view over those sessions. The views themselves are tested elsewhere.
 */
export async function openQueryTables(): Promise<QueryTables> {
  const instance = await DuckDBInstance.create(':memory:', { threads: '1' })
  const connection = await instance.connect()
  for (const statement of duckdbDialect) await connection.run(statement)
  for (const [name, types] of Object.entries(columnTypes))
    await connection.run(
      `CREATE TABLE ${name} (${Object.entries(types)
        .map(([column, type]) => `"${column}" ${type}`)
        .join(', ')})`,
    )
  await connection.run(`CREATE VIEW visitors AS ${visitors}`)
  const queries = new Map((await namedQueries()).map((query) => [query.name, query]))

  const sql = async (text: string) => {
    const reader = await connection.runAndReadAll(text)
    const names = reader.columnNames()
    return reader
      .getRows()
      .map((row) => Object.fromEntries(row.map((value, index) => [names[index] ?? '', printedValue(value)])))
  }
  const insert = async (table: TableName, rows: readonly Row[]) => {
    if (rows.length === 0) return
    const columns = [...new Set(rows.flatMap(Object.keys))]
    const unknown = columns.find((column) => columnTypes[table][column] === undefined)
    if (unknown !== undefined) throw new Error(`${table} has no column "${unknown}"`)
    const cell = (row: Row, column: string) => literal(row[column] ?? null, columnTypes[table][column] ?? '')
    await connection.run(
      `INSERT INTO ${table} (${columns.map((column) => `"${column}"`).join(', ')})
       VALUES ${rows.map((row) => `(${columns.map((column) => cell(row, column)).join(', ')})`).join(', ')}`,
    )
  }

  return {
    sql,
    async fill({ events = [], sessions = [], badEvents = [] }) {
      for (const name of tableNames) await connection.run(`DELETE FROM ${name}`)
      await insert('events_once', events.map(eventRow))
      await insert('sessions_final', sessions.map(sessionRow))
      await insert('bad_events', badEvents.map(badEventRow))
    },
    async runQuery(name, parameters = {}) {
      const query = queries.get(name)
      if (query === undefined) throw new Error(`analytics/queries has no ${name}.sql`)
      const rows = await sql(bindParameters(query, parameters))
      const answered = Object.keys(rows[0] ?? {})
      const declared = query.columns.map((column) => column.name)
      if (rows.length > 0 && answered.join() !== declared.join())
        throw new Error(`${name}.sql answers ${answered.join()}; its header says ${declared.join()}`)
      return rows
    },
    close() {
      connection.closeSync()
      instance.closeSync()
    },
  }
}

const tableNames = ['events_once', 'sessions_final', 'bad_events'] as const
type TableName = (typeof tableNames)[number]

const { events, sessions, bad_events: badEvents } = lakeTables(plan)
const typesOf = (
  columns: readonly { readonly name: string; readonly type: ColumnType }[],
): Readonly<Record<string, string>> =>
  Object.fromEntries(columns.map(({ name, type }) => [name, duckdbTypes[type]]))

const columnTypes: Readonly<Record<TableName, Readonly<Record<string, string>>>> = {
  events_once: { ...typesOf(events.columns), day: 'VARCHAR', person_id: 'VARCHAR' },
  sessions_final: { ...typesOf(sessions.columns), day: 'VARCHAR', person_id: 'VARCHAR' },
  bad_events: { ...typesOf(badEvents.columns), dt: 'VARCHAR', hour: 'VARCHAR' },
}

/** 2026-11-01 00:00 UTC, a Sunday: where tests may count their times from. */
export const testEpochMs = Date.UTC(2026, 10, 1)

const hourMs = 3_600_000
const sqlTime = (ms: number): string => new Date(ms).toISOString().replace('T', ' ').replace('Z', '')
const timeOf = (value: Cell | undefined, otherwise: number): string =>
  typeof value === 'number' ? sqlTime(value) : String(value ?? sqlTime(otherwise))
const msOf = (time: string): number => Date.parse(time.length === 10 ? time : `${time.replace(' ', 'T')}Z`)

/** A page view of `person_id` 'p', an event of its own, in one session of that person. */
function eventRow(row: Row, index: number): Row {
  const event_time = timeOf(row.event_time, testEpochMs)
  const person = String(row.person_id ?? 'p')
  const origin = String(row.origin ?? `shard:${index}:0`)
  return {
    origin,
    event_id: origin,
    event: 'Page Viewed',
    type: row.event === undefined || row.event === 'Page Viewed' ? 'page' : 'track',
    visitor: `a:${person}`,
    anonymous_id: person,
    person_id: person,
    session_id: `session of ${person}`,
    is_bot: false,
    ...row,
    event_time,
    received_at: timeOf(row.received_at, msOf(event_time)),
    day: event_time.slice(0, 10),
  }
}

/** A session of one page view of `person_id` 'p' that lasted no time. */
function sessionRow(row: Row, index: number): Row {
  const started_at = timeOf(row.started_at, testEpochMs)
  const duration_ms = Number(row.duration_ms ?? 0)
  const ended_at = timeOf(row.ended_at, msOf(started_at) + duration_ms)
  const person = String(row.person_id ?? 'p')
  const bounced = row.bounced ?? true
  return {
    session_id: `session ${index}`,
    visitor: `a:${person}`,
    anonymous_id: person,
    person_id: person,
    duration_ms: msOf(ended_at) - msOf(started_at),
    events: 1,
    page_views: 1,
    channel: 'direct',
    is_bot: false,
    bounced,
    engaged: !bounced,
    revenue: 0,
    late: false,
    absorbed_ids: [],
    ...row,
    started_at,
    ended_at,
    last_arrival: timeOf(row.last_arrival, msOf(ended_at)),
    day: started_at.slice(0, 10),
  }
}

function badEventRow(row: Row, index: number): Row {
  const received_at = timeOf(row.received_at, testEpochMs)
  // A file lies under the hour of its first row.
  const placed = sqlTime(msOf(received_at) - hourMs)
  return {
    origin: `shard:${index}:0`,
    reason: 'not_json',
    reasons: '[]',
    dt: placed.slice(0, 10),
    hour: placed.slice(11, 13),
    ...row,
    received_at,
  }
}

function literal(value: Cell, type: string): string {
  if (value === null) return 'NULL'
  if (typeof value === 'boolean') return String(value)
  if (typeof value === 'number') return type === 'TIMESTAMP' ? `'${sqlTime(value)}'` : String(value)
  if (typeof value === 'string') return `'${value.replaceAll("'", "''")}'`
  return `[${value.map((item) => literal(item, 'VARCHAR')).join(', ')}]`
}
