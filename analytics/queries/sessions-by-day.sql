-- question: How many sessions were there each day, how long, how many of one look only?
-- parameter: bots choice(without|with|only) with | sessions of crawlers
-- parameter: from timestamp 1970-01-01 | sessions that started at this UTC time or later
-- parameter: to timestamp 9999-01-01 | sessions that started before this UTC time
-- column: day date | UTC day on which the session started
-- column: sessions bigint | sessions
-- column: people bigint | people who had them
-- column: events bigint | events in them
-- column: page_views bigint | pages seen in them
-- column: seconds double | mean time from first to last event
-- column: bounce_rate double | share of sessions that ended after one look, 0 to 1

SELECT
  CAST(day AS date) AS day,
  count(*) AS sessions,
  count(DISTINCT person_id) AS people,
  CAST(sum(events) AS bigint) AS events,
  CAST(sum(page_views) AS bigint) AS page_views,
  round(avg(CAST(duration_ms AS double)) / 1000, 1) AS seconds,
  round(avg(CASE WHEN bounced THEN 1e0 ELSE 0e0 END), 4) AS bounce_rate
FROM sessions_final
WHERE day >= CAST(CAST(:from AS date) AS varchar)
  AND day <= CAST(CAST(:to AS date) AS varchar)
  AND started_at >= :from
  AND started_at < :to
  AND (:bots = 'with' OR coalesce(is_bot, false) = (:bots = 'only'))
GROUP BY day
ORDER BY day
