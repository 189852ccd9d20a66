import type { Compacted } from './compacted.ts'
import { eventsSince } from './streamed.ts'
import { isOneOf } from './view-sql.ts'

/** The user last seen with each anonymous id, by event time, then by origin: one row an anonymous id. */
export const personsNow = (compacted: Compacted | undefined): string => `
  SELECT anonymous_id, max_by(user_id, ROW(last_seen_at, last_origin)) AS user_id
  FROM (${seen(compacted).join('\n    UNION ALL')}
  ) AS seen
  GROUP BY anonymous_id`

const seen = (compacted: Compacted | undefined): readonly string[] => [
  ...(compacted?.persons ? [closed(compacted.persons)] : []),
  `
    SELECT anonymous_id, user_id, event_time AS last_seen_at, origin AS last_origin
    FROM events
    WHERE ${eventsSince(compacted)} AND anonymous_id IS NOT NULL AND user_id IS NOT NULL`,
]

const closed = (part: string): string => `
    SELECT anonymous_id, user_id, last_seen_at, last_origin
    FROM persons
    WHERE ${isOneOf('part', [part])}`

/** persons_now joined as `person`, on its one row an anonymous id. */
export const personId = (row: string): string =>
  `coalesce(person.user_id, ${row}.anonymous_id, ${row}.user_id, ${row}.visitor) AS person_id`
