-- question: Which variation of an experiment converts better, and can its figures be trusted?
-- parameter: experiment text | id or name of the experiment; without it, every one
-- parameter: conversion text Order Completed | event that is the conversion
-- parameter: within duration 7d | it counts in so much time from the first exposure
-- parameter: control text | id of the variation to compare with; without it "control", else the first by id
-- parameter: ratio list | people meant for each variation, in the order of their ids: 50,50; without it, equal
-- parameter: bots choice(without|with|only) without | exposures and conversions of crawlers
-- parameter: from timestamp 1970-01-01 | exposures at this UTC time or later
-- parameter: to timestamp 9000-01-01 | exposures before this UTC time
-- column: experiment varchar | id of the experiment
-- column: variation varchar | id of the variation
-- column: is_control boolean | true for the one that the others are compared with
-- column: people bigint | people who saw this variation and no other
-- column: conversions bigint | those of them who converted in time
-- column: rate double | their share, 0 to 1
-- column: rate_low double | 95 % confidence interval of the rate (Wilson): lower end
-- column: rate_high double | upper end
-- column: lift double | rate against the control's: 0.1 is a tenth more
-- column: difference double | rate minus the control's
-- column: difference_low double | 95 % confidence interval of the difference (normal approximation): lower end
-- column: difference_high double | upper end
-- column: p_value double | how likely such a difference is by chance alone (two-sided z test, pooled)
-- column: mixed_people bigint | people who saw more than one variation of the experiment; they are left out everywhere
-- column: mismatch_p_value double | how likely it is by chance that people are spread so far from the ratio (chi-square); below 0.001 distrust the experiment; up to 12 variations
-- never 0: people, n, b

-- A person's exposure is their first Experiment Viewed in the period. Those exposed less than `within` ago have not
-- had all their time: end the period that much before now to compare rates with those of other experiments.
WITH exposed AS (
  SELECT
    properties_experiment_id AS experiment,
    person_id,
    min(event_time) AS exposed_at,
    min(properties_variation_id) AS variation,
    max(properties_variation_id) AS other_variation
  FROM events_once
  WHERE event = 'Experiment Viewed'
    AND day >= CAST(CAST(:from AS date) AS varchar)
    AND day <= CAST(CAST(:to AS date) AS varchar)
    AND event_time >= :from
    AND event_time < :to
    AND (:bots = 'with' OR coalesce(is_bot, false) = (:bots = 'only'))
    AND properties_variation_id IS NOT NULL
    AND (:experiment = '' OR properties_experiment_id = :experiment OR properties_experiment_name = :experiment)
  GROUP BY properties_experiment_id, person_id
),
mixed AS (
  SELECT experiment, count(CASE WHEN variation <> other_variation THEN 1 END) AS people
  FROM exposed
  GROUP BY experiment
),
converting AS (
  SELECT person_id, event_time
  FROM events_once
  WHERE event = :conversion
    AND day >= CAST(CAST(:from AS date) AS varchar)
    AND day <= CAST(CAST(date_add('millisecond', :within, :to) AS date) AS varchar)
    AND event_time >= :from
    AND event_time < date_add('millisecond', :within, :to)
    AND (:bots = 'with' OR coalesce(is_bot, false) = (:bots = 'only'))
),
converted AS (
  SELECT exposed.experiment, exposed.person_id
  FROM exposed JOIN converting
    ON converting.person_id = exposed.person_id
    AND converting.event_time >= exposed.exposed_at
    AND converting.event_time < date_add('millisecond', :within, exposed.exposed_at)
  GROUP BY exposed.experiment, exposed.person_id
),
counted AS (
  SELECT
    exposed.experiment,
    exposed.variation,
    count(*) AS people,
    count(converted.person_id) AS conversions
  FROM exposed LEFT JOIN converted
    ON converted.experiment = exposed.experiment AND converted.person_id = exposed.person_id
  WHERE exposed.variation = exposed.other_variation
  GROUP BY exposed.experiment, exposed.variation
),
placed AS (
  SELECT
    *,
    CAST(people AS double) AS n,
    CAST(conversions AS double) / people AS p,
    count(*) OVER (PARTITION BY experiment) AS variations,
    row_number() OVER (PARTITION BY experiment ORDER BY variation) AS place,
    row_number() OVER (
      PARTITION BY experiment
      ORDER BY CASE WHEN lower(variation) = 'control' THEN 0 ELSE 1 END, variation
    ) AS control_place
  FROM counted
),
weighed AS (
  SELECT
    *,
    CASE WHEN :control = '' THEN control_place = 1 ELSE variation = :control END AS is_control,
    CASE
      WHEN :ratio = '' THEN 1e0
      WHEN cardinality(split(:ratio, ',')) = variations
        THEN TRY_CAST(trim(element_at(split(:ratio, ','), place)) AS double)
    END AS weight
  FROM placed
),
expecting AS (
  SELECT
    *,
    weight / nullif(sum(weight) OVER (PARTITION BY experiment), 0e0) * sum(n) OVER (PARTITION BY experiment) AS expected
  FROM weighed
),
spread AS (
  SELECT
    experiment,
    -- NULL as soon as one variation has no weight above 0.
    CASE WHEN min(expected) > 0 AND count(expected) = count(*)
      THEN sum((n - expected) * (n - expected) / nullif(expected, 0e0)) END AS x,
    count(*) - 1 AS freedom,
    -- 2 or 3: where the series of an even and of an odd number of degrees begins.
    2 + (count(*) - 1) % 2 AS b
  FROM expecting
  GROUP BY experiment
),
-- The chance of a larger chi-square: a finite series, of e^(-x/2) x^i / (2·4·6…) or / (1·3·5…).
series AS (
  SELECT
    experiment,
    freedom,
    x,
    exp(-x / 2) * (1 + CASE WHEN freedom > b THEN x / b * (1 + CASE WHEN freedom > b + 2 THEN x / (b + 2)
      * (1 + CASE WHEN freedom > b + 4 THEN x / (b + 4) * (1 + CASE WHEN freedom > b + 6 THEN x / (b + 6)
      ELSE 0e0 END) ELSE 0e0 END) ELSE 0e0 END) ELSE 0e0 END) AS terms
  FROM spread
),
mismatch AS (
  SELECT
    experiment,
    CASE
      WHEN freedom < 1 OR freedom > 11 THEN NULL
      WHEN freedom % 2 = 0 THEN terms
      ELSE 2 * normal_cdf(0e0, 1e0, -sqrt(x)) + CASE WHEN freedom > 1 THEN sqrt(2 * x / pi()) * terms ELSE 0e0 END
    END AS p_value
  FROM series
),
compared AS (
  SELECT
    expecting.*,
    expecting.p - control.p AS difference,
    expecting.p / nullif(control.p, 0e0) - 1 AS lift,
    sqrt(expecting.p * (1 - expecting.p) / expecting.n + control.p * (1 - control.p) / control.n) AS error,
    sqrt(
      (expecting.conversions + control.conversions) / (expecting.n + control.n)
      * (1 - (expecting.conversions + control.conversions) / (expecting.n + control.n))
      * (1 / expecting.n + 1 / control.n)
    ) AS pooled_error
  FROM expecting LEFT JOIN expecting AS control
    ON control.experiment = expecting.experiment AND control.is_control AND NOT expecting.is_control
)
SELECT
  compared.experiment,
  compared.variation,
  compared.is_control,
  compared.people,
  compared.conversions,
  round(p, 6) AS rate,
  -- 1.96 standard errors; 3.8415 is its square.
  round(greatest(0e0, (p + 3.841458820694124e0 / (2 * n)
    - 1.959963984540054e0 * sqrt(p * (1 - p) / n + 3.841458820694124e0 / (4 * n * n)))
    / (1 + 3.841458820694124e0 / n)), 6) AS rate_low,
  round(least(1e0, (p + 3.841458820694124e0 / (2 * n)
    + 1.959963984540054e0 * sqrt(p * (1 - p) / n + 3.841458820694124e0 / (4 * n * n)))
    / (1 + 3.841458820694124e0 / n)), 6) AS rate_high,
  round(lift, 6) AS lift,
  round(difference, 6) AS difference,
  round(difference - 1.959963984540054e0 * error, 6) AS difference_low,
  round(difference + 1.959963984540054e0 * error, 6) AS difference_high,
  round(2 * normal_cdf(0e0, 1e0, -abs(difference) / nullif(pooled_error, 0e0)), 8) AS p_value,
  mixed.people AS mixed_people,
  round(mismatch.p_value, 8) AS mismatch_p_value
FROM compared
  JOIN mixed ON mixed.experiment = compared.experiment
  JOIN mismatch ON mismatch.experiment = compared.experiment
ORDER BY compared.experiment, compared.is_control DESC, compared.variation
