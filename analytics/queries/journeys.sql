-- question: In which sequences of steps do sessions begin most often?
-- parameter: of choice(event|page) event | steps are events by name, or views of pages and screens by path
-- parameter: steps integer(1..8) 5 | first steps of a session that count
-- parameter: limit integer(1..10000) 20 | how many journeys
-- parameter: bots choice(without|with|only) without | events by crawlers
-- parameter: from timestamp 1970-01-01 | events at this UTC time or later
-- parameter: to timestamp 9999-01-01 | events before this UTC time
-- column: journey varchar | the steps, with > between them
-- column: steps bigint | how many they are
-- column: sessions bigint | sessions that began so
-- column: share double | of all sessions, 0 to 1
-- never 0: sessions

-- A step repeated at once counts as one. A session that reaches across the bounds of the period begins where it enters.
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
  SELECT
    session_id,
    event_time,
    item,
    lag(item) OVER (PARTITION BY session_id ORDER BY event_time, item) AS item_before
  FROM items
),
-- Steps that nobody asks for cost nothing.
begun AS (
  SELECT
    item,
    row_number() OVER walk AS place,
    CASE WHEN :steps >= 2 THEN lead(item, 1) OVER walk END AS item2,
    CASE WHEN :steps >= 3 THEN lead(item, 2) OVER walk END AS item3,
    CASE WHEN :steps >= 4 THEN lead(item, 3) OVER walk END AS item4,
    CASE WHEN :steps >= 5 THEN lead(item, 4) OVER walk END AS item5,
    CASE WHEN :steps >= 6 THEN lead(item, 5) OVER walk END AS item6,
    CASE WHEN :steps >= 7 THEN lead(item, 6) OVER walk END AS item7,
    CASE WHEN :steps >= 8 THEN lead(item, 7) OVER walk END AS item8
  FROM followed
  WHERE item_before IS NULL OR item_before <> item
  WINDOW walk AS (PARTITION BY session_id ORDER BY event_time, item)
),
journeys AS (
  SELECT items, count(*) AS sessions
  FROM (
    SELECT ARRAY[item, item2, item3, item4, item5, item6, item7, item8] AS items
    FROM begun
    WHERE place = 1
  ) AS firsts
  GROUP BY items
)
SELECT
  array_join(items, ' > ') AS journey,
  cardinality(filter(items, item -> item IS NOT NULL)) AS steps,
  sessions,
  round(CAST(sessions AS double) / sum(sessions) OVER (), 4) AS share
FROM journeys
ORDER BY sessions DESC, journey
LIMIT :limit
