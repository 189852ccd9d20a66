import type { MetricFields } from '../../event/outcome.ts'
import type { ColumnType } from '../tables.ts'
import { dayOfTime, isOneOf, textLiteral } from '../view-sql.ts'
import { type DailyTables, sameSession } from './daily-sessions.ts'
import { startOfDay } from './day.ts'
import type { CompactionPorts } from './ports.ts'
import { columnNames, columnsOf, inParts } from './sql-text.ts'
import { closedSessions } from './stream-rows.ts'

/** A session that only one of the two layers has. */
export type Difference = {
  /** The batch layer has it and the stream has not, or the other way round. */
  readonly side: 'batch' | 'stream'
  readonly startedAt: number
  readonly fields: MetricFields
}

/**
 * Sessions that begin on these days and closed before `through`, as the stream closed them and as the batch layer has
 * them: those that one side has and the other has not, equal in bounds and measures.
 */
export const differences = (of: {
  readonly tables: DailyTables
  readonly days: readonly string[]
  readonly through: number
  /** Parts of `sessions_daily` of these days. */
  readonly parts: readonly string[]
}): string => {
  const columns = columnNames(of.tables.sessions)
  const span = { from: Math.min(...of.days.map(startOfDay)), to: of.through }
  return `
WITH streamed AS (
  ${closedSessions(span, columns, isOneOf(dayOfTime('started_at'), of.days))}
),
daily AS (
  SELECT ${columns.join(', ')} FROM sessions_daily WHERE ${inParts(of.parts)}
)
SELECT 'batch' AS side, ${dayOfTime('daily.started_at')} AS start_day, ${columnsOf(columns, 'daily')}
FROM daily LEFT JOIN streamed ON ${sameSession('daily', 'streamed')}
WHERE streamed.session_id IS NULL
UNION ALL
SELECT 'stream' AS side, ${dayOfTime('streamed.started_at')} AS start_day, ${columnsOf(columns, 'streamed')}
FROM streamed LEFT JOIN daily ON ${sameSession('daily', 'streamed')}
WHERE daily.session_id IS NULL`
}

/** Those of one day, out of the work table. */
export const differencesOfDay = async (
  of: { readonly table: string; readonly day: string; readonly tables: DailyTables },
  { sql }: Pick<CompactionPorts, 'sql'>,
): Promise<Difference[]> => {
  const columns = of.tables.sessions.columns.filter(({ type }) => type !== 'array<string>')
  const { rows } = await sql.run(
    `SELECT side, ${columns.map(({ name }) => name).join(', ')} FROM ${of.table} WHERE start_day = ${textLiteral(of.day)}`,
  )
  return rows.map(([side, ...values]) => {
    const fields = new Map<string, string | number | boolean>()
    for (const [place, { name, type }] of columns.entries()) {
      const value = fieldOf(values[place] ?? null, type)
      if (value !== undefined) fields.set(name, value)
    }
    return {
      side: side === 'batch' ? 'batch' : 'stream',
      startedAt: Date.parse(`${String(fields.get('started_at')).replace(' ', 'T')}Z`),
      fields,
    }
  })
}

/** A value as the session's metrics saw it in the stream. */
const fieldOf = (text: string | null, type: ColumnType): string | number | boolean | undefined => {
  if (text === null) return undefined
  if (type === 'boolean') return text === 'true'
  return type === 'bigint' || type === 'int' || type === 'double' ? Number(text) : text
}
