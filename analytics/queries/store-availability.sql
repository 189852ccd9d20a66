-- question: Per store and quarter hour: was it shown online while its schedule says open?
-- parameter: show choice(all|open|dark) all | every quarter hour; those it is open in; those it is open in and not shown
-- parameter: country text | only stores of this country
-- parameter: store text | only the store of this id
-- parameter: event text Store Viewed | event that shows a store, by its property store_id
-- parameter: from timestamp 1970-01-01 | quarter hours from this UTC time on; without it, from the first view of a store
-- parameter: to timestamp 9999-01-01 | quarter hours that end by this UTC time; without it, up to the last view of a store
-- column: store_id varchar | store of store_schedules
-- column: country varchar | its country there
-- column: quarter_start timestamp | start of the quarter hour, UTC
-- column: is_open boolean | true when its schedule has it open for the whole quarter hour, by its own clock
-- column: views bigint | how often it was shown
-- column: is_shown boolean | true when it was shown at all

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
    AND (:store = '' OR store_id = :store)
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
  SELECT hours.store_id, walls.quarter_start
  FROM hours JOIN walls ON walls.time_zone = hours.time_zone
  WHERE (strpos(hours.weekdays, walls.weekday) > 0
      AND walls.minutes >= hours.opens AND walls.minutes + 15 <= hours.closes)
    -- Opened the day before, and still open after midnight.
    OR (strpos(hours.weekdays, walls.weekday_before) > 0
      AND walls.minutes + 1440 >= hours.opens AND walls.minutes + 1455 <= hours.closes)
  GROUP BY hours.store_id, walls.quarter_start
),
judged AS (
  SELECT
    stores.store_id,
    stores.country,
    walls.quarter_start,
    open.store_id IS NOT NULL AS is_open,
    coalesce(views.views, 0) AS views
  FROM stores
    JOIN walls ON walls.time_zone = stores.time_zone
    LEFT JOIN open ON open.store_id = stores.store_id AND open.quarter_start = walls.quarter_start
    LEFT JOIN views ON views.store_id = stores.store_id AND views.quarter_start = walls.quarter_start
)
SELECT
  store_id,
  country,
  quarter_start,
  is_open,
  views,
  views > 0 AS is_shown
FROM judged
WHERE :show = 'all' OR (is_open AND (:show = 'open' OR views = 0))
ORDER BY store_id, quarter_start
