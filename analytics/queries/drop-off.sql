-- question: After how many steps do sessions end?
-- parameter: of choice(event|page) event | steps are events by name, or views of pages and screens by path
-- parameter: steps integer(1..1000) 10 | how many steps to show
-- parameter: bots choice(without|with|only) without | events by crawlers
-- parameter: from timestamp 1970-01-01 | events at this UTC time or later
-- parameter: to timestamp 9999-01-01 | events before this UTC time
-- column: step bigint | number of the step in its session, from 1
-- column: sessions bigint | sessions that took it
-- column: ended bigint | sessions of which it was the last
-- column: drop_off double | ended, as a share of the sessions that took it, 0 to 1
-- column: remaining double | sessions that took it, as a share of all sessions, 0 to 1
-- never 0: sessions, all_sessions

-- A step repeated at once counts as one. A session that reaches across the bounds of the period is cut there.
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
followed AS (
  SELECT session_id, item, lag(item) OVER (PARTITION BY session_id ORDER BY event_time, item) AS item_before
  FROM items
),
-- One step more than is shown stands for all after it.
lengths AS (
  SELECT session_id, least(count(*), :steps + 1) AS steps
  FROM followed
  WHERE item_before IS NULL OR item_before <> item
  GROUP BY session_id
),
ends AS (
  SELECT steps, count(*) AS ended, lag(steps, 1, 0) OVER (ORDER BY steps) AS steps_before
  FROM lengths
  GROUP BY steps
),
-- Steps at which no session ends are steps all the same.
counted AS (
  SELECT step, CASE WHEN step = steps THEN ended ELSE 0 END AS ended
  FROM ends CROSS JOIN UNNEST(sequence(steps_before + 1, steps)) AS t (step)
),
summed AS (
  SELECT
    step,
    ended,
    sum(ended) OVER (ORDER BY step DESC ROWS UNBOUNDED PRECEDING) AS sessions,
    sum(ended) OVER () AS all_sessions
  FROM counted
)
SELECT
  step,
  CAST(sessions AS bigint) AS sessions,
  ended,
  round(CAST(ended AS double) / sessions, 4) AS drop_off,
  round(CAST(sessions AS double) / all_sessions, 4) AS remaining
FROM summed
WHERE step <= :steps
ORDER BY step
