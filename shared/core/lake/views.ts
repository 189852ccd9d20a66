import { type Column, columnsFrom } from './column.ts'
import type { Compacted } from './compacted.ts'
import { eventsOnce } from './events-once.ts'
import { sessionsFinal } from './sessions-final.ts'
import type { Table, TableName } from './tables.ts'
import { visitorColumns, visitors } from './visitors.ts'

export type ViewName = 'events_once' | 'sessions_final' | 'visitors'

type Tables = Readonly<Record<TableName, Pick<Table, 'columns'>>>

/**
 * SQL of the views over the tables of the lake, the same text for Athena and DuckDB. The tables hold each row at
 * least once, since whatever was retried is written again, equal to the last byte; the views show it exactly once.
 * What arrived before `compacted.through` comes from the daily tables, what came later from the streaming ones; with
 * nothing compacted yet all comes from the streaming ones. Each view reads tables or a view named before it.
 *
 * What the views take for granted of the daily tables they name: every event that arrived before `through` stands once,
 * and with the id of its session in `sessions_daily`, if that session stands there. `sessions_daily` holds each session
 * that the stream would have closed before `through`, once, and none that is part of another.
 */
export const lakeViews = (tables: Tables, compacted?: Compacted): Readonly<Record<ViewName, string>> => ({
  events_once: eventsOnce(names(tables.events), compacted),
  sessions_final: sessionsFinal(names(tables.sessions), compacted),
  visitors,
})

/** Columns of the views, in their order. */
export const viewColumns = (tables: Tables): Readonly<Record<ViewName, readonly Column[]>> => ({
  events_once: [...tables.events.columns, ...dayOf('event_time'), ...personId],
  sessions_final: [...tables.sessions.columns, ...dayOf('started_at'), ...personId],
  visitors: visitorColumns,
})

const names = ({ columns }: Pick<Table, 'columns'>): readonly string[] => columns.map(({ name }) => name)

const dayOf = (time: string): readonly Column[] =>
  columnsFrom(`the view: UTC day of ${time}`, [
    'day',
    'string',
    '2026-11-21',
    `UTC day of ${time}, yyyy-MM-dd; filter by it, and only the parts of those days are read`,
  ])

const personId: readonly Column[] = columnsFrom('the view: persons and the events since', [
  'person_id',
  'string',
  'u-1001',
  'User id last seen with the anonymous id, else the anonymous id, else the user id, else the visitor',
])
