-- question: What do people bring, period by period, after they were first seen?
-- parameter: measure choice(revenue|sessions|events) revenue | what is counted
-- parameter: grain choice(day|week|month) month | length of a period: UTC days, ISO weeks from Monday, or months
-- parameter: periods integer(1..400) 12 | how many periods later to look
-- parameter: bots choice(without|with|only) without | sessions of crawlers
-- parameter: from timestamp 1970-01-01 | people first seen in a period that begins at this UTC time or later
-- parameter: to timestamp 9999-01-01 | sessions that started before this UTC time
-- column: cohort date | first day of the period in which they were first seen
-- column: people bigint | how many they are
-- column: period bigint | how many periods later, from 0
-- column: active bigint | how many of them had a session then
-- column: total double | what they brought in that period
-- column: per_person double | the same by person, be they active or not
-- column: per_person_so_far double | what one of them brought from the first period to this one
-- never 0: people

-- From closed sessions, by the time they started. Shown up to the last period in which anybody had a session, although
-- that may not be over.
WITH sessions AS (
  SELECT
    person_id,
    CASE :grain
      WHEN 'day' THEN date_diff('day', DATE '1970-01-01', CAST(started_at AS date))
      -- A Monday.
      WHEN 'week' THEN date_diff('day', DATE '1969-12-29', CAST(started_at AS date)) / 7
      ELSE year(started_at) * 12 + month(started_at) - 23641
    END AS period,
    CASE :measure WHEN 'revenue' THEN revenue WHEN 'events' THEN CAST(events AS double) ELSE 1e0 END AS amount
  FROM sessions_final
  WHERE day <= CAST(CAST(:to AS date) AS varchar)
    AND started_at < :to
    AND (:bots = 'with' OR coalesce(is_bot, false) = (:bots = 'only'))
),
periods AS (
  SELECT
    person_id,
    period,
    sum(amount) AS amount,
    min(period) OVER (PARTITION BY person_id) AS cohort
  FROM sessions
  GROUP BY person_id, period
),
counted AS (
  SELECT cohort, period - cohort AS gap, count(*) AS active, sum(amount) AS total
  FROM periods
  GROUP BY cohort, period - cohort
),
gaps AS (
  SELECT
    cohort,
    gap,
    active,
    total,
    max(active) OVER (PARTITION BY cohort) AS people,
    max(cohort + gap) OVER () - cohort AS last_gap,
    lead(gap) OVER (PARTITION BY cohort ORDER BY gap) AS next_gap
  FROM counted
),
-- Periods in which nobody of a cohort came are periods all the same.
complete AS (
  SELECT
    cohort,
    people,
    t.period,
    CASE WHEN t.period = gap THEN active ELSE 0 END AS active,
    CASE WHEN t.period = gap THEN coalesce(total, 0) ELSE 0e0 END AS total
  FROM gaps CROSS JOIN UNNEST(
    sequence(least(gap, :periods), least(coalesce(next_gap - 1, last_gap), :periods))
  ) AS t (period)
  WHERE gap <= :periods
),
dated AS (
  SELECT
    CASE :grain
      WHEN 'day' THEN CAST(date_add('day', cohort, DATE '1970-01-01') AS date)
      WHEN 'week' THEN CAST(date_add('day', cohort * 7, DATE '1969-12-29') AS date)
      ELSE CAST(date_add('month', cohort, DATE '1970-01-01') AS date)
    END AS cohort,
    people,
    CAST(period AS bigint) AS period,
    active,
    total,
    sum(total) OVER (PARTITION BY cohort ORDER BY period) AS total_so_far
  FROM complete
)
SELECT
  cohort,
  people,
  period,
  active,
  round(total, 2) AS total,
  round(total / people, 4) AS per_person,
  round(total_so_far / people, 4) AS per_person_so_far
FROM dated
WHERE cohort >= :from
ORDER BY cohort, period
