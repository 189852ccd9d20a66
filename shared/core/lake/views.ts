import type { Table, TableName } from './tables.ts'
import { partitionColumns } from './tables.ts'

export type ViewName = 'events_once' | 'sessions_final'

/**
 * SQL of the views over the tables of the lake, the same text for Athena and DuckDB. The tables hold each row at
 * least once, since whatever was retried is written again, equal to the last byte; the views show it exactly once.
 */
export const lakeViews = (
  tables: Readonly<Record<TableName, Table>>,
): Readonly<Record<ViewName, string>> => ({
  events_once: eventsOnce(columnNames(tables.events)),
  sessions_final: sessionsFinal(columnNames(tables.sessions)),
})

const columnNames = (table: Table): readonly string[] =>
  [...table.columns, ...partitionColumns].map(({ name }) => name)

/**
 * Of equal copies the first to arrive. An origin has one received_at: naming it lets an engine apply a filter on
 * received_at before it ranks, so that it reads the Parquet files of those days only.
 */
const eventsOnce = (columns: readonly string[]): string => `
WITH copies AS (
  SELECT *, row_number() OVER (PARTITION BY origin, received_at ORDER BY dt, hour) AS copy
  FROM events
),
absorbed AS (
  SELECT absorbed_id, min(session_id) AS survivor
  FROM sessions CROSS JOIN UNNEST(absorbed_ids) AS ids (absorbed_id)
  GROUP BY absorbed_id
)
SELECT
${columns.map((name) => `  ${name === 'session_id' ? finalSessionId : `copies.${name}`}`).join(',\n')}
FROM copies LEFT JOIN absorbed ON copies.session_id = absorbed.absorbed_id
WHERE copies.copy = 1`

const finalSessionId = 'coalesce(absorbed.survivor, copies.session_id) AS session_id'

const sessionsFinal = (columns: readonly string[]): string => `
WITH copies AS (
  SELECT *, row_number() OVER (PARTITION BY session_id ORDER BY dt, hour) AS copy
  FROM sessions
),
absorbed AS (
  SELECT DISTINCT absorbed_id
  FROM sessions CROSS JOIN UNNEST(absorbed_ids) AS ids (absorbed_id)
)
SELECT
${columns.map((name) => `  copies.${name}`).join(',\n')}
FROM copies LEFT JOIN absorbed ON copies.session_id = absorbed.absorbed_id
WHERE copies.copy = 1 AND absorbed.absorbed_id IS NULL`
