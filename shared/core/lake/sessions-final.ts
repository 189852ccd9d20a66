import type { Compacted } from './compacted.ts'
import { personId, personsNow } from './persons-now.ts'
import { absorbedIds, sessionsSince } from './streamed.ts'
import { dayOfPart, dayOfTime, isOneOf, selectList } from './view-sql.ts'

/** Each closed session once, and none that another has absorbed. */
export const sessionsFinal = (columns: readonly string[], compacted: Compacted | undefined): string => `
WITH absorbed AS (${absorbedIds(sessionsSince(compacted))}
),
persons_now AS (${personsNow(compacted)}
),
once AS (${branches(columns, compacted).join('\n  UNION ALL')}
)
SELECT
${selectList(columns, 'once')},
  once.day,
  ${personId('once')}
FROM once
  LEFT JOIN absorbed ON once.session_id = absorbed.absorbed_id
  LEFT JOIN persons_now AS person ON person.anonymous_id = once.anonymous_id
WHERE absorbed.absorbed_id IS NULL`

const branches = (columns: readonly string[], compacted: Compacted | undefined): readonly string[] => [
  ...(compacted?.sessions.length ? [daily(columns, compacted.sessions)] : []),
  streamed(columns, compacted),
]

const daily = (columns: readonly string[], parts: readonly string[]): string => `
  SELECT
${selectList(columns, 'sessions_daily')},
  ${dayOfPart} AS day
  FROM sessions_daily
  WHERE ${isOneOf('part', parts)}`

const streamed = (columns: readonly string[], compacted: Compacted | undefined): string => `
  SELECT
${selectList(columns, 'copies')},
  ${dayOfTime('copies.started_at')} AS day
  FROM (
    SELECT *, row_number() OVER (PARTITION BY session_id, started_at) AS copy
    FROM sessions
    WHERE ${sessionsSince(compacted)}
  ) AS copies
  WHERE copies.copy = 1`
