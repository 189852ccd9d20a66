-- question: How many people are active each day, week and month, and how many of them are new?
-- parameter: bots choice(without|with|only) without | events by crawlers
-- parameter: from timestamp 1970-01-01 | days that begin at this UTC time or later
-- parameter: to timestamp 9999-01-01 | events before this UTC time
-- column: day date | UTC day
-- column: dau bigint | people active on that day
-- column: wau bigint | people active on that day or one of the 6 before
-- column: mau bigint | people active on that day or one of the 29 before
-- column: stickiness double | dau / mau, 0 to 1: on what share of the days a person of the month came
-- column: new_people bigint | people of that day who were first seen on it
-- column: returning_people bigint | people of that day who were seen before
-- never 0: mau

-- Days without events are shown too, from the first to the last of the period that has any.
WITH days AS (
  SELECT DISTINCT person_id, date_diff('day', DATE '1970-01-01', CAST(event_time AS date)) AS day_number
  FROM events_once
  WHERE day >= CAST(CAST(date_add('day', -29, :from) AS date) AS varchar)
    AND day <= CAST(CAST(:to AS date) AS varchar)
    AND event_time < :to
    AND (:bots = 'with' OR coalesce(is_bot, false) = (:bots = 'only'))
),
followed AS (
  SELECT
    days.person_id,
    day_number,
    lead(day_number) OVER (PARTITION BY days.person_id ORDER BY day_number) AS next_day,
    -- Whoever has no closed session yet is new.
    coalesce(date_diff('day', DATE '1970-01-01', CAST(first_seen_at AS date)) >= day_number, true) AS is_new
  FROM days LEFT JOIN visitors ON visitors.person_id = days.person_id
),
-- On each day of a person hang the days up to their next one, at most 30: on those they count by this one.
spans AS (
  SELECT day_number, least(coalesce(next_day - day_number, 30), 30) AS span, is_new, count(*) AS people
  FROM followed
  GROUP BY day_number, least(coalesce(next_day - day_number, 30), 30), is_new
),
bounded AS (
  SELECT *, max(day_number) OVER () AS last_day
  FROM spans
),
counted AS (
  SELECT
    day_number + later AS day_number,
    last_day,
    sum(CASE WHEN later = 0 THEN people ELSE 0 END) AS dau,
    sum(CASE WHEN later < 7 THEN people ELSE 0 END) AS wau,
    sum(people) AS mau,
    sum(CASE WHEN later = 0 AND is_new THEN people ELSE 0 END) AS new_people
  FROM bounded CROSS JOIN UNNEST(sequence(0, span - 1)) AS t (later)
  GROUP BY day_number + later, last_day
),
shown AS (
  SELECT
    CAST(date_add('day', day_number, DATE '1970-01-01') AS date) AS day,
    CAST(dau AS bigint) AS dau,
    CAST(wau AS bigint) AS wau,
    CAST(mau AS bigint) AS mau,
    CAST(new_people AS bigint) AS new_people
  FROM counted
  WHERE day_number <= last_day
)
SELECT
  day,
  dau,
  wau,
  mau,
  round(CAST(dau AS double) / mau, 4) AS stickiness,
  new_people,
  dau - new_people AS returning_people
FROM shown
WHERE day >= :from
ORDER BY day
