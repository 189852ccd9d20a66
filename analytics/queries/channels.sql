-- question: Which channels bring people who stay and buy?
-- parameter: bots choice(without|with|only) without | sessions of crawlers
-- parameter: from timestamp 1970-01-01 | sessions that started at this UTC time or later
-- parameter: to timestamp 9999-01-01 | sessions that started before this UTC time
-- column: channel varchar | where the session came from
-- column: sessions bigint | sessions
-- column: people bigint | people who had them
-- column: bounce_rate double | share of sessions that ended after one look, 0 to 1
-- column: pages double | mean number of pages a session
-- column: revenue double | money of their orders
-- column: revenue_per_session double | the same, by session

SELECT
  coalesce(channel, '(none)') AS channel,
  count(*) AS sessions,
  count(DISTINCT person_id) AS people,
  round(avg(CASE WHEN bounced THEN 1e0 ELSE 0e0 END), 4) AS bounce_rate,
  round(avg(CAST(page_views AS double)), 2) AS pages,
  round(sum(coalesce(revenue, 0)), 2) AS revenue,
  round(avg(coalesce(revenue, 0)), 4) AS revenue_per_session
FROM sessions_final
WHERE day >= CAST(CAST(:from AS date) AS varchar)
  AND day <= CAST(CAST(:to AS date) AS varchar)
  AND started_at >= :from
  AND started_at < :to
  AND (:bots = 'with' OR coalesce(is_bot, false) = (:bots = 'only'))
GROUP BY coalesce(channel, '(none)')
ORDER BY sessions DESC, channel
