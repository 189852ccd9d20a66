-- question: How good are the events of each name: flags, refusals, gaps, delays, libraries?
-- parameter: event text | only of this name
-- parameter: late duration 15m | an event is late when it arrived more than so long after it happened
-- parameter: from timestamp 1970-01-01 | events at this UTC time or later; refused ones by arrival
-- parameter: to timestamp 9999-01-01 | events before this UTC time
-- column: event varchar | name of the event; of a refused one as far as it can be read, else (unreadable)
-- column: measure varchar | accepted, refused, flag, late, missing, delay, clock_skew or library
-- column: detail varchar | reason of refusal, name of the flag, column, percentile, or library and version
-- column: events bigint | how many events it is about
-- column: share double | accepted and refused: of all that came by that name; else of the accepted ones; 0 to 1
-- column: seconds double | of delay (received_at - event_time) and clock_skew (sent_at - received_at) to a tenth: so many or fewer
-- never 0: events

-- A column is missing where another event of the name has it: what no event of a name has does not belong to it.
WITH named AS (
  SELECT
    event,
    count(*) AS events,
    count(CASE WHEN date_diff('millisecond', event_time, received_at) > :late THEN 1 END) AS late,
    count(user_id) AS user_id,
    count(anonymous_id) AS anonymous_id,
    count(sent_at) AS sent_at,
    count(page_path) AS page_path,
    count(channel) AS channel,
    count(geo_country) AS geo_country,
    count(user_agent) AS user_agent,
    count(properties_product_id) AS product_id,
    count(properties_order_id) AS order_id,
    count(properties_revenue) AS revenue,
    count(properties_currency) AS currency,
    count(properties_experiment_id) AS experiment_id,
    count(properties_variation_id) AS variation_id
  FROM events_once
  WHERE day >= CAST(CAST(:from AS date) AS varchar)
    AND day <= CAST(CAST(:to AS date) AS varchar)
    AND event_time >= :from
    AND event_time < :to
    AND (:event = '' OR event = :event)
  GROUP BY event
),
present AS (
  SELECT
    named.event,
    named.events,
    names.name,
    CASE names.name
      WHEN 'user_id' THEN user_id
      WHEN 'anonymous_id' THEN anonymous_id
      WHEN 'sent_at' THEN sent_at
      WHEN 'page_path' THEN page_path
      WHEN 'channel' THEN channel
      WHEN 'geo_country' THEN geo_country
      WHEN 'user_agent' THEN user_agent
      WHEN 'properties_product_id' THEN product_id
      WHEN 'properties_order_id' THEN order_id
      WHEN 'properties_revenue' THEN revenue
      WHEN 'properties_currency' THEN currency
      WHEN 'properties_experiment_id' THEN experiment_id
      WHEN 'properties_variation_id' THEN variation_id
    END AS present
  FROM named CROSS JOIN (
    VALUES ('user_id'), ('anonymous_id'), ('sent_at'), ('page_path'), ('channel'), ('geo_country'), ('user_agent'),
      ('properties_product_id'), ('properties_order_id'), ('properties_revenue'), ('properties_currency'),
      ('properties_experiment_id'), ('properties_variation_id')
  ) AS names (name)
),
-- Counted by their whole list first: there are few different ones.
flag_lists AS (
  SELECT event, flags, count(*) AS events
  FROM events_once
  WHERE day >= CAST(CAST(:from AS date) AS varchar)
    AND day <= CAST(CAST(:to AS date) AS varchar)
    AND event_time >= :from
    AND event_time < :to
    AND (:event = '' OR event = :event)
  GROUP BY event, flags
),
flagged AS (
  SELECT flag_lists.event, all_flags.flag, CAST(sum(flag_lists.events) AS bigint) AS events
  FROM flag_lists CROSS JOIN UNNEST(flag_lists.flags) AS all_flags (flag)
  GROUP BY flag_lists.event, all_flags.flag
),
libraries AS (
  SELECT
    event,
    coalesce(library_name, '(none)') || coalesce(' ' || library_version, '') AS library,
    count(*) AS events
  FROM events_once
  WHERE day >= CAST(CAST(:from AS date) AS varchar)
    AND day <= CAST(CAST(:to AS date) AS varchar)
    AND event_time >= :from
    AND event_time < :to
    AND (:event = '' OR event = :event)
  GROUP BY event, coalesce(library_name, '(none)') || coalesce(' ' || library_version, '')
),
-- How many events for each tenth of a second: percentiles are exact in it, and the same on every engine.
tenths AS (
  SELECT event, measure, tenth, count(*) AS events
  FROM (
    SELECT
      event,
      'delay' AS measure,
      floor(CAST(date_diff('millisecond', event_time, received_at) AS double) / 100) AS tenth
    FROM events_once
    WHERE day >= CAST(CAST(:from AS date) AS varchar)
      AND day <= CAST(CAST(:to AS date) AS varchar)
      AND event_time >= :from
      AND event_time < :to
      AND (:event = '' OR event = :event)
    UNION ALL
    SELECT
      event,
      'clock_skew',
      floor(CAST(date_diff('millisecond', received_at, sent_at) AS double) / 100)
    FROM events_once
    WHERE day >= CAST(CAST(:from AS date) AS varchar)
      AND day <= CAST(CAST(:to AS date) AS varchar)
      AND event_time >= :from
      AND event_time < :to
      AND (:event = '' OR event = :event)
      AND sent_at IS NOT NULL
  ) AS differences
  GROUP BY event, measure, tenth
),
heaped AS (
  SELECT
    event,
    measure,
    tenth,
    sum(events) OVER (PARTITION BY event, measure ORDER BY tenth) AS so_far,
    sum(events) OVER (PARTITION BY event, measure) AS total
  FROM tenths
),
percentiles AS (
  SELECT
    event,
    measure,
    percentile,
    CAST(max(total) AS bigint) AS events,
    min(CASE WHEN so_far * 100 >= total * percentile THEN tenth END) / 10 AS seconds
  FROM heaped CROSS JOIN (VALUES (50), (99)) AS asked (percentile)
  GROUP BY event, measure, percentile
),
-- Once each: the table has a row again when its write was tried again.
refusals AS (
  SELECT
    origin,
    max(reason) AS reason,
    coalesce(
      max(
        CASE try(json_extract_scalar(payload, '$.type'))
          WHEN 'page' THEN 'Page Viewed'
          WHEN 'screen' THEN 'Screen Viewed'
          ELSE coalesce(try(json_extract_scalar(payload, '$.event')), try(json_extract_scalar(payload, '$.type')))
        END
      ),
      '(unreadable)'
    ) AS event
  FROM bad_events
  -- A file lies under the day of its first row, which may be the day before.
  WHERE dt >= CAST(CAST(date_add('hour', -4, :from) AS date) AS varchar)
    AND received_at >= :from
    AND received_at < :to
  GROUP BY origin
),
refused AS (
  SELECT event, reason, count(*) AS events
  FROM refusals
  WHERE :event = '' OR event = :event
  GROUP BY event, reason
),
refused_names AS (
  SELECT event, CAST(sum(events) AS bigint) AS events
  FROM refused
  GROUP BY event
),
measures AS (
  SELECT 1 AS place, named.event, 'accepted' AS measure, '' AS detail, named.events,
    CAST(named.events AS double) / (named.events + coalesce(refused_names.events, 0)) AS share,
    CAST(NULL AS double) AS seconds
  FROM named LEFT JOIN refused_names ON refused_names.event = named.event
  UNION ALL
  SELECT 2, refused.event, 'refused', refused.reason, refused.events,
    CAST(refused.events AS double) / (refused_names.events + coalesce(named.events, 0)), NULL
  FROM refused
    JOIN refused_names ON refused_names.event = refused.event
    LEFT JOIN named ON named.event = refused.event
  UNION ALL
  SELECT 3, flagged.event, 'flag', flagged.flag, flagged.events, CAST(flagged.events AS double) / named.events, NULL
  FROM flagged JOIN named ON named.event = flagged.event
  UNION ALL
  SELECT 4, event, 'late', '', late, CAST(late AS double) / events, NULL
  FROM named
  UNION ALL
  SELECT 5, event, 'missing', name, events - present, CAST(events - present AS double) / events, NULL
  FROM present
  WHERE present > 0 AND present < events
  UNION ALL
  SELECT 6, event, measure, 'p' || CAST(percentile AS varchar), events, NULL, seconds
  FROM percentiles
  UNION ALL
  SELECT 7, libraries.event, 'library', libraries.library, libraries.events,
    CAST(libraries.events AS double) / named.events, NULL
  FROM libraries JOIN named ON named.event = libraries.event
)
SELECT event, measure, detail, events, round(share, 4) AS share, seconds
FROM measures
ORDER BY event, place, measure, events DESC, detail
