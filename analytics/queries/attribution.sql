-- question: Which sessions get the credit for conversions and their revenue?
-- parameter: model choice(first|last|linear|position|decay) last | position: 40 % first, 40 % last, the rest shared; decay: half as much each half-life
-- parameter: by choice(channel|utm_source|utm_medium|utm_campaign|referrer_host|entry_page|geo_country|device_class) channel | what of a session is credited
-- parameter: conversion text Order Completed | event that is the conversion
-- parameter: lookback duration 30d | sessions that started so long before the conversion, or less
-- parameter: half_life duration 7d | of decay
-- parameter: direct choice(count|skip) count | skip: direct and internal sessions count only where there is no other
-- parameter: bots choice(without|with|only) without | conversions and sessions of crawlers
-- parameter: from timestamp 1970-01-01 | conversions at this UTC time or later
-- parameter: to timestamp 9999-01-01 | conversions before this UTC time
-- column: segment varchar | value of the column asked for; (none): the session has none, (no session): nothing to credit
-- column: currency varchar | currency of the revenue; (none) where the conversion names none
-- column: conversions double | credit for conversions; each of them gives 1 in all
-- column: share double | of all conversions, 0 to 1
-- column: revenue double | credit for their revenue
-- column: touched bigint | conversions that had such a session at all, credited or not
-- never 0: places - 2, sum(weight)

-- A conversion is an event: two of a person are two, each with its own look-back. A touch is a session of the same
-- person that started at or before it, so the session it happens in is its last touch; a session that has not
-- closed yet is none. One touch gets everything, and position halves between two.
WITH conversions AS (
  SELECT
    -- By a number, since engines sort by it faster than by an origin.
    row_number() OVER (ORDER BY origin) AS conversion,
    person_id,
    event_time AS converted_at,
    date_add('millisecond', -:lookback, event_time) AS earliest,
    coalesce(properties_revenue, 0e0) AS revenue,
    coalesce(properties_currency, '(none)') AS currency
  FROM events_once
  WHERE event = :conversion
    AND day >= CAST(CAST(:from AS date) AS varchar)
    AND day <= CAST(CAST(:to AS date) AS varchar)
    AND event_time >= :from
    AND event_time < :to
    AND (:bots = 'with' OR coalesce(is_bot, false) = (:bots = 'only'))
),
candidates AS (
  SELECT
    session_id,
    person_id,
    started_at,
    CASE WHEN channel IN ('direct', 'internal') THEN 0 ELSE 1 END AS is_campaign,
    coalesce(
      CASE :by
        WHEN 'utm_source' THEN utm_source
        WHEN 'utm_medium' THEN utm_medium
        WHEN 'utm_campaign' THEN utm_campaign
        WHEN 'referrer_host' THEN referrer_host
        WHEN 'entry_page' THEN entry_page
        WHEN 'geo_country' THEN geo_country
        WHEN 'device_class' THEN device_class
        ELSE channel
      END,
      '(none)'
    ) AS segment
  FROM sessions_final
  WHERE day >= CAST(CAST(date_add('millisecond', -:lookback, :from) AS date) AS varchar)
    AND day <= CAST(CAST(:to AS date) AS varchar)
    AND started_at >= date_add('millisecond', -:lookback, :from)
    AND started_at < :to
    AND (:bots = 'with' OR coalesce(is_bot, false) = (:bots = 'only'))
),
touches AS (
  SELECT
    conversions.conversion,
    conversions.revenue,
    conversions.currency,
    candidates.session_id,
    candidates.started_at,
    coalesce(candidates.segment, '(no session)') AS segment,
    coalesce(candidates.is_campaign, 1) AS is_campaign,
    max(coalesce(candidates.is_campaign, 1)) OVER (PARTITION BY conversions.conversion) AS any_campaign
  FROM conversions LEFT JOIN candidates
    ON candidates.person_id = conversions.person_id
    AND candidates.started_at <= conversions.converted_at
    AND candidates.started_at >= conversions.earliest
),
ordered AS (
  SELECT
    *,
    row_number() OVER (PARTITION BY conversion ORDER BY started_at, session_id) AS place,
    count(*) OVER (PARTITION BY conversion) AS places,
    max(started_at) OVER (PARTITION BY conversion) AS last_started_at
  FROM touches
  WHERE :direct = 'count' OR is_campaign = any_campaign
),
weighed AS (
  SELECT
    *,
    CASE :model
      WHEN 'first' THEN CASE WHEN place = 1 THEN 1e0 ELSE 0e0 END
      WHEN 'last' THEN CASE WHEN place = places THEN 1e0 ELSE 0e0 END
      WHEN 'position' THEN CASE WHEN place = 1 OR place = places THEN 4e-1 ELSE 2e-1 / (places - 2) END
      -- Against the last touch, not the conversion: so the weights never all vanish.
      WHEN 'decay' THEN
        coalesce(
          power(2e0, -CAST(date_diff('millisecond', started_at, last_started_at) AS double) / nullif(:half_life, 0)),
          1e0
        )
      ELSE 1e0
    END AS weight
  FROM ordered
),
credited AS (
  SELECT
    *,
    weight / sum(weight) OVER (PARTITION BY conversion) AS credit
  FROM weighed
)
SELECT
  segment,
  currency,
  round(sum(credit), 4) AS conversions,
  round(sum(credit) / nullif((SELECT CAST(count(*) AS double) FROM conversions), 0e0), 4) AS share,
  round(sum(credit * revenue), 2) AS revenue,
  count(DISTINCT conversion) AS touched
FROM credited
GROUP BY segment, currency
ORDER BY conversions DESC, segment, currency
