-- question: How many sessions were there, how engaged, how long?
-- parameter: every choice(day|week|month) day | one row per UTC day, week (from Monday) or month
-- parameter: by choice(none|channel|utm_source|utm_medium|utm_campaign|referrer_host|entry_page|geo_country|device_class|browser|os) none | broken down by this column
-- parameter: bots choice(without|with|only) without | sessions of crawlers
-- parameter: from timestamp 1970-01-01 | sessions that started at this UTC time or later
-- parameter: to timestamp 9999-01-01 | sessions that started before this UTC time
-- column: period date | first day of the UTC day, week or month in which the session started
-- column: segment varchar | value of the column asked for; (none) where a session has none
-- column: sessions bigint | sessions
-- column: people bigint | people who had them
-- column: engaged_sessions bigint | of 10 seconds or longer, or two pages, or with revenue
-- column: engagement_rate double | their share, 0 to 1
-- column: bounce_rate double | share of the others, 0 to 1
-- column: median_seconds double | median time from first to last event; between the middle two when they are even in number
-- column: pages_per_session double | mean number of pages
-- column: events_per_session double | mean number of events
-- column: sessions_per_person double | mean number of sessions of a person

WITH chosen AS (
  SELECT
    CAST(date_trunc(:every, started_at) AS date) AS period,
    coalesce(
      CASE :by
        WHEN 'channel' THEN channel
        WHEN 'utm_source' THEN utm_source
        WHEN 'utm_medium' THEN utm_medium
        WHEN 'utm_campaign' THEN utm_campaign
        WHEN 'referrer_host' THEN referrer_host
        WHEN 'entry_page' THEN entry_page
        WHEN 'geo_country' THEN geo_country
        WHEN 'device_class' THEN device_class
        WHEN 'browser' THEN browser
        WHEN 'os' THEN os
        ELSE '(all)'
      END,
      '(none)'
    ) AS segment,
    person_id,
    engaged,
    duration_ms,
    page_views,
    events
  FROM sessions_final
  WHERE day >= CAST(CAST(:from AS date) AS varchar)
    AND day <= CAST(CAST(:to AS date) AS varchar)
    AND started_at >= :from
    AND started_at < :to
    AND (:bots = 'with' OR coalesce(is_bot, false) = (:bots = 'only'))
),
ranked AS (
  SELECT
    *,
    row_number() OVER (PARTITION BY period, segment ORDER BY duration_ms) AS place,
    count(*) OVER (PARTITION BY period, segment) AS total
  FROM chosen
)
SELECT
  period,
  segment,
  count(*) AS sessions,
  count(DISTINCT person_id) AS people,
  count(CASE WHEN engaged THEN 1 END) AS engaged_sessions,
  round(avg(CASE WHEN engaged THEN 1e0 ELSE 0e0 END), 4) AS engagement_rate,
  round(avg(CASE WHEN engaged THEN 0e0 ELSE 1e0 END), 4) AS bounce_rate,
  -- The middle one of an odd number, the middle two of an even one.
  round(avg(CASE WHEN 2 * place BETWEEN total AND total + 2 THEN CAST(duration_ms AS double) END) / 1000, 3)
    AS median_seconds,
  round(avg(CAST(page_views AS double)), 2) AS pages_per_session,
  round(avg(CAST(events AS double)), 2) AS events_per_session,
  round(CAST(count(*) AS double) / nullif(count(DISTINCT person_id), 0), 2) AS sessions_per_person
FROM ranked
GROUP BY period, segment
ORDER BY period, sessions DESC, segment
