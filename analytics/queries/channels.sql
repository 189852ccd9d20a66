-- question: Which channels bring visitors who stay and buy?
-- parameter: from timestamp 1970-01-01 | sessions that started at this UTC time or later
-- parameter: to timestamp 9999-01-01 | sessions that started before this UTC time
-- column: channel varchar | where the session came from
-- column: sessions bigint | sessions
-- column: visitors bigint | visitors who had them
-- column: bounce_rate double | share of sessions that ended after one look, 0 to 1
-- column: pages double | mean number of pages a session
-- column: revenue double | money of their orders
-- column: revenue_per_session double | the same, by session

SELECT
  channel,
  count(*) AS sessions,
  count(DISTINCT visitor) AS visitors,
  round(avg(CASE WHEN bounced THEN 1e0 ELSE 0e0 END), 4) AS bounce_rate,
  round(avg(CAST(page_views AS double)), 2) AS pages,
  round(sum(revenue), 2) AS revenue,
  round(avg(revenue), 4) AS revenue_per_session
FROM sessions_final
WHERE NOT is_bot
  AND started_at >= :from
  AND started_at < :to
GROUP BY channel
ORDER BY sessions DESC, channel
