-- question: For how much of their open time were stores shown online, by day and country?
-- parameter: by choice(country|store|none) country | a row for each of these and day
-- parameter: country text | only stores of this country
-- parameter: event text Store Viewed | event that shows a store, by its property store_id
-- parameter: from timestamp 1970-01-01 | quarter hours from this UTC time on; without it, from the first view of a store
-- parameter: to timestamp 9999-01-01 | quarter hours that end by this UTC time; without it, up to the last view of a store
-- column: day date | day of the stores' own clocks
-- column: segment varchar | country, store_id or (all)
-- column: stores bigint | stores that were open on that day
-- column: dark_stores bigint | those of them that were never shown while open
-- column: open_quarters bigint | quarter hours that they were open for
-- column: shown_quarters bigint | those of them in which the store was shown
-- column: availability double | their share, 0 to 1
-- never 0: open_quarters

-- A quarter hour counts when the schedule has the store open for the whole of it, by its own clock.
WITH views AS (
  SELECT
    properties_store_id AS store_id,
    date_add('minute', minute(event_time) / 15 * 15, date_trunc('hour', event_time)) AS quarter_start,
    count(*) AS views
  FROM events_once
  WHERE event = :event
    AND day >= CAST(CAST(:from AS date) AS varchar)
    AND day <= CAST(CAST(:to AS date) AS varchar)
    AND event_time >= :from
    AND event_time < :to
  GROUP BY properties_store_id, date_add('minute', minute(event_time) / 15 * 15, date_trunc('hour', event_time))
),
bounds AS (
  SELECT
    CASE WHEN :from > TIMESTAMP '1970-01-01 00:00:00' THEN :from ELSE min(quarter_start) END AS since,
    CASE WHEN :to < TIMESTAMP '9999-01-01 00:00:00' THEN :to ELSE date_add('minute', 15, max(quarter_start)) END
      AS until
  FROM views
),
-- Weeks times their quarter hours: a sequence has at most 10,000 members.
quarters AS (
  SELECT
    date_add('minute', 15 * quarter, date_add('day', 7 * weeks.week, date_trunc('day', bounds.since))) AS quarter_start,
    bounds.since,
    bounds.until
  FROM bounds
    CROSS JOIN UNNEST(sequence(0, date_diff('day', date_trunc('day', since), until) / 7)) AS weeks (week)
    CROSS JOIN UNNEST(sequence(0, 671)) AS of_week (quarter)
),
stores AS (
  SELECT DISTINCT store_id, country, time_zone
  FROM store_schedules
  WHERE (:country = '' OR country = :country)
),
-- What the clock on the wall says, once for each zone. It goes back and forth in summer and winter; UTC does not.
clocks AS (
  SELECT
    zones.time_zone,
    quarters.quarter_start,
    CAST(at_timezone(with_timezone(quarters.quarter_start, 'UTC'), zones.time_zone) AS timestamp) AS wall
  FROM quarters CROSS JOIN (SELECT DISTINCT time_zone FROM stores) AS zones
  WHERE quarters.quarter_start >= quarters.since
    AND date_add('minute', 15, quarters.quarter_start) <= quarters.until
),
walls AS (
  SELECT
    time_zone,
    quarter_start,
    CAST(wall AS date) AS day,
    CAST(day_of_week(wall) AS varchar) AS weekday,
    CAST((day_of_week(wall) + 5) % 7 + 1 AS varchar) AS weekday_before,
    hour(wall) * 60 + minute(wall) AS minutes
  FROM clocks
),
hours AS (
  SELECT
    store_id,
    time_zone,
    weekdays,
    CAST(substr(opens, 1, 2) AS integer) * 60 + CAST(substr(opens, 4, 2) AS integer) AS opens,
    CAST(substr(closes, 1, 2) AS integer) * 60 + CAST(substr(closes, 4, 2) AS integer)
      + CASE WHEN closes <= opens THEN 1440 ELSE 0 END AS closes
  FROM store_schedules
),
open AS (
  SELECT hours.store_id, walls.day, walls.quarter_start
  FROM hours JOIN walls ON walls.time_zone = hours.time_zone
  WHERE (strpos(hours.weekdays, walls.weekday) > 0
      AND walls.minutes >= hours.opens AND walls.minutes + 15 <= hours.closes)
    -- Opened the day before, and still open after midnight.
    OR (strpos(hours.weekdays, walls.weekday_before) > 0
      AND walls.minutes + 1440 >= hours.opens AND walls.minutes + 1455 <= hours.closes)
  GROUP BY hours.store_id, walls.day, walls.quarter_start
),
open_days AS (
  SELECT
    CASE :by WHEN 'country' THEN coalesce(stores.country, '(none)') WHEN 'store' THEN open.store_id ELSE '(all)' END
      AS segment,
    open.day,
    count(*) AS open_quarters,
    count(views.store_id) AS shown_quarters
  FROM open
    JOIN stores ON stores.store_id = open.store_id
    LEFT JOIN views ON views.store_id = open.store_id AND views.quarter_start = open.quarter_start
  GROUP BY open.store_id, stores.country, open.day
)
SELECT
  day,
  segment,
  count(*) AS stores,
  count(CASE WHEN shown_quarters = 0 THEN 1 END) AS dark_stores,
  CAST(sum(open_quarters) AS bigint) AS open_quarters,
  CAST(sum(shown_quarters) AS bigint) AS shown_quarters,
  round(CAST(sum(shown_quarters) AS double) / sum(open_quarters), 4) AS availability
FROM open_days
GROUP BY day, segment
ORDER BY day, availability, segment
