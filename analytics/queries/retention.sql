-- question: Of the people who did something in a period, how many came back so many periods later?
-- parameter: grain choice(day|week|month) week | length of a period: UTC days, ISO weeks from Monday, or months
-- parameter: mode choice(first|recurring) first | first: one belongs to the period of one's first start event; recurring: to each period in which one has a start event
-- parameter: measure choice(exact|rolling) exact | exact: came back in just that period; rolling: in that one or later
-- parameter: start text | event that makes one a member; empty for any
-- parameter: return text | event that counts as coming back; empty for any
-- parameter: periods integer(1..400) 8 | how many periods later to look
-- parameter: bots choice(without|with|only) without | events by crawlers
-- parameter: from timestamp 1970-01-01 | cohorts whose period begins at this UTC time or later
-- parameter: to timestamp 9999-01-01 | events before this UTC time
-- column: cohort date | first day of the period
-- column: people bigint | people who belong to it
-- column: period bigint | how many periods later, from 0
-- column: returned bigint | how many of them came back
-- column: share double | the same, of the people, 0 to 1
-- never 0: people

-- Shown up to the last period in which anybody did either event, although that may not be over. In period 0 all count
-- who have a return event in that period, be it before the start event.
WITH active AS (
  SELECT
    person_id,
    CASE :grain
      WHEN 'day' THEN date_diff('day', DATE '1970-01-01', CAST(event_time AS date))
      -- A Monday.
      WHEN 'week' THEN date_diff('day', DATE '1969-12-29', CAST(event_time AS date)) / 7
      ELSE year(event_time) * 12 + month(event_time) - 23641
    END AS period,
    CASE WHEN :start = '' OR event = :start THEN 1 ELSE 0 END AS starts,
    CASE WHEN :return = '' OR event = :return THEN 1 ELSE 0 END AS returns
  FROM events_once
  -- What was first is known from the whole past only.
  WHERE (:mode = 'first' OR day >= CAST(CAST(:from AS date) AS varchar))
    AND day <= CAST(CAST(:to AS date) AS varchar)
    AND event_time < :to
    AND (:bots = 'with' OR coalesce(is_bot, false) = (:bots = 'only'))
    AND (:start = '' OR :return = '' OR event IN (:start, :return))
),
periods AS (
  SELECT person_id, period, max(starts) AS starts, max(returns) AS returns
  FROM active
  GROUP BY person_id, period
),
people AS (
  SELECT
    person_id,
    max(period) AS last_period,
    CASE :mode
      WHEN 'first' THEN ARRAY[min(CASE WHEN starts = 1 THEN period END)]
      ELSE array_agg(CASE WHEN starts = 1 THEN period END)
    END AS cohorts,
    -- -1 stands for the person as such.
    CASE :measure
      WHEN 'exact' THEN array_agg(CASE WHEN returns = 1 THEN period END)
      ELSE ARRAY[max(CASE WHEN returns = 1 THEN period END)]
    END || ARRAY[-1] AS returns
  FROM periods
  GROUP BY person_id
),
-- People who never started stay in, under cohort NULL: they too tell which period is the last.
counted AS (
  SELECT cohort, CASE WHEN back = -1 THEN -1 ELSE back - cohort END AS gap, count(*) AS people, max(last_period) AS last_period
  FROM people CROSS JOIN UNNEST(cohorts) AS c (cohort) CROSS JOIN UNNEST(returns) AS r (back)
  WHERE back = -1 OR back >= cohort
  GROUP BY cohort, CASE WHEN back = -1 THEN -1 ELSE back - cohort END
),
bounded AS (
  SELECT cohort, gap, people, least(:periods, max(last_period) OVER () - cohort) AS last_gap
  FROM counted
),
spread AS (
  SELECT
    cohort,
    t.period,
    sum(CASE WHEN gap = -1 THEN people ELSE 0 END) AS people,
    sum(CASE WHEN gap = -1 THEN 0 ELSE people END) AS returned
  FROM bounded CROSS JOIN UNNEST(
    sequence(
      CASE WHEN gap = -1 OR :measure = 'rolling' THEN 0 ELSE least(gap, last_gap) END,
      CASE WHEN gap = -1 THEN last_gap ELSE least(gap, last_gap) END
    )
  ) AS t (period)
  WHERE cohort IS NOT NULL AND (gap <= last_gap OR :measure = 'rolling')
  GROUP BY cohort, t.period
),
dated AS (
  SELECT
    CASE :grain
      WHEN 'day' THEN CAST(date_add('day', cohort, DATE '1970-01-01') AS date)
      WHEN 'week' THEN CAST(date_add('day', cohort * 7, DATE '1969-12-29') AS date)
      ELSE CAST(date_add('month', cohort, DATE '1970-01-01') AS date)
    END AS cohort,
    CAST(people AS bigint) AS people,
    CAST(period AS bigint) AS period,
    CAST(returned AS bigint) AS returned
  FROM spread
)
SELECT cohort, people, period, returned, round(CAST(returned AS double) / people, 4) AS share
FROM dated
WHERE cohort >= :from
ORDER BY cohort, period
