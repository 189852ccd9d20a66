-- question: On which pages do sessions begin and end, and where do they end at once?
-- parameter: sort choice(entries|exits|bounces) entries | what the pages are ordered by, most first
-- parameter: bots choice(without|with|only) without | sessions of crawlers
-- parameter: from timestamp 1970-01-01 | sessions that started at this UTC time or later
-- parameter: to timestamp 9999-01-01 | sessions that started before this UTC time
-- parameter: limit integer 20 | how many pages
-- column: page varchar | path of the page; (none): sessions without a page
-- column: entries bigint | sessions that began on it
-- column: entry_share double | of all sessions, 0 to 1
-- column: bounces bigint | sessions that began on it and were not engaged
-- column: bounce_rate double | share of its entries that bounced, 0 to 1
-- column: revenue_per_entry double | money of the sessions that began on it, by session
-- column: exits bigint | sessions that ended on it
-- column: exit_share double | of all sessions, 0 to 1
-- never 0: sum(CAST(entries AS double)), sum(CAST(exits AS double))

WITH chosen AS (
  SELECT entry_page, exit_page, engaged, revenue
  FROM sessions_final
  WHERE day >= CAST(CAST(:from AS date) AS varchar)
    AND day <= CAST(CAST(:to AS date) AS varchar)
    AND started_at >= :from
    AND started_at < :to
    AND (:bots = 'with' OR coalesce(is_bot, false) = (:bots = 'only'))
),
ends AS (
  SELECT
    coalesce(entry_page, '(none)') AS page,
    1 AS entry,
    CASE WHEN engaged THEN 0 ELSE 1 END AS bounce,
    coalesce(revenue, 0e0) AS revenue
  FROM chosen
  UNION ALL
  SELECT coalesce(exit_page, '(none)'), 0, 0, 0e0
  FROM chosen
),
pages AS (
  SELECT
    page,
    count(CASE WHEN entry = 1 THEN 1 END) AS entries,
    count(CASE WHEN bounce = 1 THEN 1 END) AS bounces,
    sum(revenue) AS revenue,
    count(CASE WHEN entry = 0 THEN 1 END) AS exits
  FROM ends
  GROUP BY page
)
SELECT
  page,
  entries,
  round(CAST(entries AS double) / sum(CAST(entries AS double)) OVER (), 4) AS entry_share,
  bounces,
  round(CAST(bounces AS double) / nullif(entries, 0), 4) AS bounce_rate,
  round(revenue / nullif(entries, 0), 4) AS revenue_per_entry,
  exits,
  round(CAST(exits AS double) / sum(CAST(exits AS double)) OVER (), 4) AS exit_share
FROM pages
ORDER BY CASE :sort WHEN 'exits' THEN exits WHEN 'bounces' THEN bounces ELSE entries END DESC, entries DESC, page
LIMIT :limit
