-- question: How many sessions were there each day, how long, how many of one look only?
-- parameter: from timestamp 1970-01-01 | sessions that started at this UTC time or later
-- parameter: to timestamp 9999-01-01 | sessions that started before this UTC time
-- column: day date | UTC day on which the session started
-- column: sessions bigint | sessions
-- column: visitors bigint | visitors who had them
-- column: events bigint | events in them
-- column: page_views bigint | pages seen in them
-- column: seconds double | mean time from first to last event
-- column: bounce_rate double | share of sessions that ended after one look, 0 to 1

SELECT
  CAST(started_at AS date) AS day,
  count(*) AS sessions,
  count(DISTINCT visitor) AS visitors,
  sum(events) AS events,
  sum(page_views) AS page_views,
  round(avg(CAST(duration_ms AS double)) / 1000, 1) AS seconds,
  round(avg(CASE WHEN bounced THEN 1e0 ELSE 0e0 END), 4) AS bounce_rate
FROM sessions_final
WHERE started_at >= :from
  AND started_at < :to
GROUP BY CAST(started_at AS date)
ORDER BY day
