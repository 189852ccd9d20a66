-- question: Of the visitors who took the first step, how many took the next two in time?
-- parameter: step1 text Product Viewed | name of the event that is the first step
-- parameter: step2 text Product Added | the second step
-- parameter: step3 text Order Completed | the third step
-- parameter: minutes integer 1440 | all within so many minutes after the first step
-- parameter: from timestamp 1970-01-01 | first step at this UTC time or later
-- parameter: to timestamp 9999-01-01 | first step before this UTC time
-- column: step integer | 1, 2 or 3
-- column: event varchar | name of the event
-- column: visitors bigint | visitors who got so far
-- column: of_first double | their share of those who took the first step, 0 to 1

-- A visitor counts from the first time they take the first step in the period.
WITH one AS (
  SELECT visitor, min(event_time) AS at1
  FROM events_once
  WHERE event = :step1
    AND event_time >= :from
    AND event_time < :to
  GROUP BY visitor
),
two AS (
  SELECT one.visitor, one.at1, min(events_once.event_time) AS at2
  FROM one JOIN events_once ON events_once.visitor = one.visitor
  WHERE events_once.event = :step2
    AND events_once.event_time >= one.at1
    AND events_once.event_time < one.at1 + :minutes * INTERVAL '1' MINUTE
  GROUP BY one.visitor, one.at1
),
three AS (
  SELECT two.visitor
  FROM two JOIN events_once ON events_once.visitor = two.visitor
  WHERE events_once.event = :step3
    AND events_once.event_time >= two.at2
    AND events_once.event_time < two.at1 + :minutes * INTERVAL '1' MINUTE
  GROUP BY two.visitor
),
steps AS (
  SELECT 1 AS step, :step1 AS event, (SELECT count(*) FROM one) AS visitors
  UNION ALL SELECT 2, :step2, (SELECT count(*) FROM two)
  UNION ALL SELECT 3, :step3, (SELECT count(*) FROM three)
)
SELECT
  step,
  event,
  visitors,
  round(CAST(visitors AS double) / nullif((SELECT count(*) FROM one), 0), 4) AS of_first
FROM steps
ORDER BY step
