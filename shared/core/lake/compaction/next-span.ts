import { dayMs, midnightBefore } from './day.ts'
import type { CompactionPorts } from './ports.ts'
import type { Span } from './stream-rows.ts'

/** Arrivals of so many days are compacted at once: what was left for long is taken in steps that an engine can hold. */
export const longestSpanMs = 7 * dayMs

/** The arrivals that come next; from 0 begins with the first there are. */
export const nextSpan = async (
  from: number,
  target: number,
  { sql }: Pick<CompactionPorts, 'sql'>,
): Promise<Span> => {
  const first = from === 0 ? await firstArrival(sql) : from
  return { from, to: Math.min(target, (first ?? target) + longestSpanMs) }
}

/** Midnight before the first arrival. */
const firstArrival = async (sql: CompactionPorts['sql']): Promise<number | undefined> => {
  const { rows } = await sql.run('SELECT min(received_at) AS first_arrival FROM events')
  const [[text = null] = []] = rows
  return text === null ? undefined : midnightBefore(Date.parse(`${text.replace(' ', 'T')}Z`))
}
