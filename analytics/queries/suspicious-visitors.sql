-- question: Which visitors act faster or more often than people can, and are they known crawlers?
-- parameter: per_minute integer 60 | events in one minute that nobody exceeds
-- parameter: sessions_per_day integer 30 | sessions on one UTC day that nobody exceeds
-- parameter: from timestamp 1970-01-01 | events and sessions at this UTC time or later
-- parameter: to timestamp 9999-01-01 | events and sessions before this UTC time
-- parameter: limit integer 100 | how many visitors
-- column: visitor varchar | one device or browser, not a person: whatever runs there acts by itself
-- column: reason varchar | fast: too many events in a minute; restless: too many sessions on a day; or both
-- column: events bigint | its events
-- column: most_per_minute bigint | events in its busiest minute of the clock
-- column: most_sessions_per_day bigint | sessions on its busiest day
-- column: is_bot boolean | true when its user agent names a crawler anyway
-- column: user_agent varchar | one of its user agents
-- column: first_seen timestamp | its first event in the period
-- column: last_seen timestamp | its last event in the period

-- Nothing is left out of other queries for being here. First who it is, by as little as that takes; then what they did.
WITH suspects AS (
  SELECT visitor
  FROM events_once
  WHERE day >= CAST(CAST(:from AS date) AS varchar)
    AND day <= CAST(CAST(:to AS date) AS varchar)
    AND event_time >= :from
    AND event_time < :to
  GROUP BY visitor, date_trunc('minute', event_time)
  HAVING count(*) > :per_minute
  UNION
  SELECT visitor
  FROM sessions_final
  WHERE day >= CAST(CAST(:from AS date) AS varchar)
    AND day <= CAST(CAST(:to AS date) AS varchar)
    AND started_at >= :from
    AND started_at < :to
  GROUP BY visitor, day
  HAVING count(*) > :sessions_per_day
),
minutes AS (
  SELECT
    visitor,
    date_trunc('minute', event_time) AS minute,
    count(*) AS events,
    max(CASE WHEN is_bot THEN 1 ELSE 0 END) AS bot,
    max(user_agent) AS user_agent,
    min(event_time) AS first_seen,
    max(event_time) AS last_seen
  FROM events_once
  WHERE day >= CAST(CAST(:from AS date) AS varchar)
    AND day <= CAST(CAST(:to AS date) AS varchar)
    AND event_time >= :from
    AND event_time < :to
    AND visitor IN (SELECT visitor FROM suspects)
  GROUP BY visitor, date_trunc('minute', event_time)
),
speeds AS (
  SELECT
    visitor,
    CAST(sum(events) AS bigint) AS events,
    max(events) AS most_per_minute,
    max(bot) AS bot,
    max(user_agent) AS user_agent,
    min(first_seen) AS first_seen,
    max(last_seen) AS last_seen
  FROM minutes
  GROUP BY visitor
),
days AS (
  SELECT visitor, count(*) AS sessions
  FROM sessions_final
  WHERE day >= CAST(CAST(:from AS date) AS varchar)
    AND day <= CAST(CAST(:to AS date) AS varchar)
    AND started_at >= :from
    AND started_at < :to
  GROUP BY visitor, day
),
busiest AS (
  SELECT visitor, max(sessions) AS most_sessions_per_day
  FROM days
  GROUP BY visitor
),
judged AS (
  SELECT
    speeds.*,
    coalesce(busiest.most_sessions_per_day, 0) AS most_sessions_per_day,
    speeds.most_per_minute > :per_minute AS is_fast,
    coalesce(busiest.most_sessions_per_day, 0) > :sessions_per_day AS is_restless
  FROM speeds LEFT JOIN busiest ON busiest.visitor = speeds.visitor
)
SELECT
  visitor,
  CASE WHEN is_fast AND is_restless THEN 'fast and restless' WHEN is_fast THEN 'fast' ELSE 'restless' END AS reason,
  events,
  most_per_minute,
  most_sessions_per_day,
  bot = 1 AS is_bot,
  user_agent,
  first_seen,
  last_seen
FROM judged
ORDER BY most_per_minute DESC, most_sessions_per_day DESC, visitor
LIMIT :limit
