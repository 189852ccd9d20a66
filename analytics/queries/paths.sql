-- question: What do people do next after an event, or before it, in the same session?
-- parameter: event text Page Viewed | the event to look from; with --of page a path
-- parameter: direction choice(next|previous) next | which way to look
-- parameter: steps integer(1..5) 3 | how many steps to look
-- parameter: of choice(event|page) event | steps are events by name, or views of pages and screens by path
-- parameter: limit integer(1..1000) 20 | most frequent ones of each step
-- parameter: bots choice(without|with|only) without | events by crawlers
-- parameter: from timestamp 1970-01-01 | events at this UTC time or later
-- parameter: to timestamp 9999-01-01 | events before this UTC time
-- column: step bigint | how many steps away, from 1
-- column: item varchar | what stood there; (none) when the session has no more in the period
-- column: times bigint | how often
-- column: share double | of all times the event happened, 0 to 1
-- never 0: all_times

-- Of two steps at the same instant the one whose name is first in the alphabet comes first.
WITH items AS (
  SELECT session_id, event_time, CASE :of WHEN 'page' THEN page_path ELSE event END AS item
  FROM events_once
  WHERE day >= CAST(CAST(:from AS date) AS varchar)
    AND day <= CAST(CAST(:to AS date) AS varchar)
    AND event_time >= :from
    AND event_time < :to
    AND (:bots = 'with' OR coalesce(is_bot, false) = (:bots = 'only'))
    AND (:of = 'event' OR (event IN ('Page Viewed', 'Screen Viewed') AND page_path IS NOT NULL))
),
-- Steps that nobody asks for cost nothing.
around AS (
  SELECT
    item,
    CASE WHEN :direction = 'next' THEN lead(item, 1) OVER walk ELSE lag(item, 1) OVER walk END AS item1,
    CASE WHEN :steps < 2 THEN NULL WHEN :direction = 'next' THEN lead(item, 2) OVER walk ELSE lag(item, 2) OVER walk END AS item2,
    CASE WHEN :steps < 3 THEN NULL WHEN :direction = 'next' THEN lead(item, 3) OVER walk ELSE lag(item, 3) OVER walk END AS item3,
    CASE WHEN :steps < 4 THEN NULL WHEN :direction = 'next' THEN lead(item, 4) OVER walk ELSE lag(item, 4) OVER walk END AS item4,
    CASE WHEN :steps < 5 THEN NULL WHEN :direction = 'next' THEN lead(item, 5) OVER walk ELSE lag(item, 5) OVER walk END AS item5
  FROM items
  WINDOW walk AS (PARTITION BY session_id ORDER BY event_time, item)
),
-- Equal surroundings first, since there are few of them; then each of their steps.
surroundings AS (
  SELECT ARRAY[item1, item2, item3, item4, item5] AS items, count(*) AS times
  FROM around
  WHERE item = :event
  GROUP BY ARRAY[item1, item2, item3, item4, item5]
),
steps AS (
  SELECT step, coalesce(element_at(items, step), '(none)') AS item, sum(times) AS times
  FROM surroundings CROSS JOIN UNNEST(sequence(1, :steps)) AS t (step)
  GROUP BY step, coalesce(element_at(items, step), '(none)')
),
ranked AS (
  SELECT
    step,
    item,
    times,
    sum(times) OVER (PARTITION BY step) AS all_times,
    row_number() OVER (PARTITION BY step ORDER BY times DESC, item) AS place
  FROM steps
)
SELECT
  step,
  item,
  CAST(times AS bigint) AS times,
  round(CAST(times AS double) / all_times, 4) AS share
FROM ranked
WHERE place <= :limit
ORDER BY step, times DESC, item
