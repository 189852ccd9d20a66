-- question: Of the people who took the first step, how many took the next ones in time, and how fast?
-- parameter: steps list(2..10) Product Viewed,Product Added,Order Completed | names of the events; one may come again
-- parameter: within duration 1d | at most so long from the first step to the last
-- parameter: order choice(ordered|unordered) ordered | whether the steps must follow one another
-- parameter: by choice(none|channel|geo_country|device_class|browser|os|utm_source|utm_campaign) none | break down by what this was at the first step
-- parameter: bots choice(without|with|only) without | events by crawlers
-- parameter: from timestamp 1970-01-01 | first step at this UTC time or later
-- parameter: to timestamp 9000-01-01 | first step before this UTC time
-- column: segment varchar | what it is broken down by; (all), or (none) where it is not known
-- column: step bigint | number of the step, from 1
-- column: event varchar | name of its event
-- column: people bigint | people who got so far
-- column: of_first double | their share of those who took the first step, 0 to 1
-- column: of_previous double | their share of those who took the step before, 0 to 1
-- column: dropped bigint | people who took the step before and not this one
-- column: median_ms_from_previous bigint | half of them took at most so long since the step before
-- column: median_ms_from_first bigint | half of them took at most so long since the first step

-- ordered: a start is an event of the first step in the period. Each further step is the earliest event of its name
-- that is at the same instant or later, at most the limit after the start, and none that the chain has used.
-- unordered: a start is an event of any step in the period. Steps 1 to k are taken when each of them has an event of
-- its own at the start or later, at most the limit after it; the last of these events is when step k is reached.
-- A person may start many times. They count with the start that got furthest, of several such with the earliest.
-- Of an even number of people the median is the lower of the two in the middle.

WITH places AS (
  SELECT
    step AS event,
    place,
    lag(place) OVER (PARTITION BY step ORDER BY place) AS same_before,
    row_number() OVER (PARTITION BY step ORDER BY place) - 1 AS skipped
  FROM UNNEST(split(:steps, ',')) WITH ORDINALITY AS t (step, place)
),
asked AS (
  SELECT
    :within AS within,
    date_diff('millisecond', TIMESTAMP '1970-01-01 00:00:00', :to) AS end_ms,
    -- For each step, in a hexadecimal digit of its own, which step before it has the same name.
    CAST(sum(coalesce(same_before, 0) * power(16, place - 1)) AS bigint) AS repeats
  FROM places
),
-- Bit k - 1 of uses is set for the event of step k.
names AS (
  SELECT event, CAST(sum(power(2, place - 1)) AS bigint) AS uses
  FROM places
  GROUP BY event
),
taken AS (
  SELECT
    person_id,
    names.event,
    uses,
    date_diff('millisecond', TIMESTAMP '1970-01-01 00:00:00', event_time) AS ms,
    CASE :by
      WHEN 'channel' THEN coalesce(channel, '(none)')
      WHEN 'geo_country' THEN coalesce(geo_country, '(none)')
      WHEN 'device_class' THEN coalesce(device_class, '(none)')
      WHEN 'browser' THEN coalesce(browser, '(none)')
      WHEN 'os' THEN coalesce(os, '(none)')
      WHEN 'utm_source' THEN coalesce(utm_source, '(none)')
      WHEN 'utm_campaign' THEN coalesce(utm_campaign, '(none)')
      ELSE '(all)'
    END AS segment
  FROM events_once JOIN names ON events_once.event = names.event
  WHERE day >= CAST(CAST(:from AS date) AS varchar)
    AND day <= CAST(CAST(date_add('millisecond', :within, :to) AS date) AS varchar)
    AND event_time >= :from
    AND event_time <= date_add('millisecond', :within, :to)
    AND (:bots = 'with' OR coalesce(is_bot, false) = (:bots = 'only'))
),

-- ordered: starts look for their next step among the events. A spot is a place to look at: 16 x the ms of an instant,
-- plus how many events of one name there are taken already. The spot of an event is the last at which it is found.
instants AS (
  SELECT person_id, uses, ms, count(*) AS copies, min(segment) AS segment
  FROM taken
  WHERE :order = 'ordered'
  GROUP BY person_id, uses, ms
),
found1 AS (
  SELECT
    person_id,
    CASE WHEN is_start THEN 0 ELSE uses END AS uses,
    CASE WHEN NOT is_start THEN ms * 16 + least(copies, 16) - 1 END AS spot,
    CASE WHEN is_start THEN ms END AS start,
    CASE WHEN is_start THEN (ms + within) * 16 + 15 END AS limit_spot,
    CASE WHEN is_start THEN segment END AS segment,
    CASE WHEN is_start THEN ms * 16 END AS spot1,
    repeats
  FROM instants CROSS JOIN asked CROSS JOIN (VALUES (true), (false)) AS roles (is_start)
  WHERE CASE WHEN is_start THEN uses % 2 = 1 AND ms < end_ms ELSE uses > 1 END
),
-- Of the starts that find no step 2 only the earliest of a person goes on; so at each further step.
found2 AS (
  SELECT
    person_id, uses, repeats, spot, start, limit_spot, segment, spot1,
    CASE WHEN hit <= limit_spot THEN greatest(hit - hit % 16, here) END AS spot2
  FROM (
    SELECT
      *,
      min(CASE WHEN uses / 2 % 2 = 1 THEN spot END) OVER (
        PARTITION BY person_id ORDER BY here, start RANGE BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING
      ) AS hit,
      min(start) OVER (PARTITION BY person_id ORDER BY here, start) AS earliest
    FROM (
      SELECT *, coalesce(spot, greatest(spot1 - spot1 % 16, 1 + coalesce(CASE repeats / 16 % 16 WHEN 1 THEN spot1 END, 0))) AS here
      FROM found1
    ) AS looking
  ) AS looked
  WHERE uses >= 4 OR hit <= limit_spot OR start = earliest
),
found3 AS (
  SELECT
    person_id, uses, repeats, spot, start, limit_spot, segment, spot1, spot2,
    CASE WHEN hit <= limit_spot THEN greatest(hit - hit % 16, here) END AS spot3
  FROM (
    SELECT
      *,
      min(CASE WHEN uses / 4 % 2 = 1 THEN spot END) OVER (
        PARTITION BY person_id ORDER BY here, start RANGE BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING
      ) AS hit,
      min(start) OVER (PARTITION BY person_id ORDER BY here, start) AS earliest
    FROM (
      SELECT *, coalesce(spot, greatest(spot2 - spot2 % 16, 1 + coalesce(CASE repeats / 256 % 16 WHEN 1 THEN spot1 WHEN 2 THEN spot2 END, 0))) AS here
      FROM found2
    ) AS looking
  ) AS looked
  WHERE uses >= 8 OR hit <= limit_spot OR (uses = 0 AND spot2 IS NULL) OR start = earliest
),
found4 AS (
  SELECT
    person_id, uses, repeats, spot, start, limit_spot, segment, spot1, spot2, spot3,
    CASE WHEN hit <= limit_spot THEN greatest(hit - hit % 16, here) END AS spot4
  FROM (
    SELECT
      *,
      min(CASE WHEN uses / 8 % 2 = 1 THEN spot END) OVER (
        PARTITION BY person_id ORDER BY here, start RANGE BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING
      ) AS hit,
      min(start) OVER (PARTITION BY person_id ORDER BY here, start) AS earliest
    FROM (
      SELECT *, coalesce(spot, greatest(spot3 - spot3 % 16, 1 + coalesce(CASE repeats / 4096 % 16 WHEN 1 THEN spot1 WHEN 2 THEN spot2 WHEN 3 THEN spot3 END, 0))) AS here
      FROM found3
    ) AS looking
  ) AS looked
  WHERE uses >= 16 OR hit <= limit_spot OR (uses = 0 AND spot3 IS NULL) OR start = earliest
),
found5 AS (
  SELECT
    person_id, uses, repeats, spot, start, limit_spot, segment, spot1, spot2, spot3, spot4,
    CASE WHEN hit <= limit_spot THEN greatest(hit - hit % 16, here) END AS spot5
  FROM (
    SELECT
      *,
      min(CASE WHEN uses / 16 % 2 = 1 THEN spot END) OVER (
        PARTITION BY person_id ORDER BY here, start RANGE BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING
      ) AS hit,
      min(start) OVER (PARTITION BY person_id ORDER BY here, start) AS earliest
    FROM (
      SELECT *, coalesce(spot, greatest(spot4 - spot4 % 16, 1 + coalesce(CASE repeats / 65536 % 16 WHEN 1 THEN spot1 WHEN 2 THEN spot2 WHEN 3 THEN spot3 WHEN 4 THEN spot4 END, 0))) AS here
      FROM found4
    ) AS looking
  ) AS looked
  WHERE uses >= 32 OR hit <= limit_spot OR (uses = 0 AND spot4 IS NULL) OR start = earliest
),
found6 AS (
  SELECT
    person_id, uses, repeats, spot, start, limit_spot, segment, spot1, spot2, spot3, spot4, spot5,
    CASE WHEN hit <= limit_spot THEN greatest(hit - hit % 16, here) END AS spot6
  FROM (
    SELECT
      *,
      min(CASE WHEN uses / 32 % 2 = 1 THEN spot END) OVER (
        PARTITION BY person_id ORDER BY here, start RANGE BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING
      ) AS hit,
      min(start) OVER (PARTITION BY person_id ORDER BY here, start) AS earliest
    FROM (
      SELECT *, coalesce(spot, greatest(spot5 - spot5 % 16, 1 + coalesce(CASE repeats / 1048576 % 16 WHEN 1 THEN spot1 WHEN 2 THEN spot2 WHEN 3 THEN spot3 WHEN 4 THEN spot4 WHEN 5 THEN spot5 END, 0))) AS here
      FROM found5
    ) AS looking
  ) AS looked
  WHERE uses >= 64 OR hit <= limit_spot OR (uses = 0 AND spot5 IS NULL) OR start = earliest
),
found7 AS (
  SELECT
    person_id, uses, repeats, spot, start, limit_spot, segment, spot1, spot2, spot3, spot4, spot5, spot6,
    CASE WHEN hit <= limit_spot THEN greatest(hit - hit % 16, here) END AS spot7
  FROM (
    SELECT
      *,
      min(CASE WHEN uses / 64 % 2 = 1 THEN spot END) OVER (
        PARTITION BY person_id ORDER BY here, start RANGE BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING
      ) AS hit,
      min(start) OVER (PARTITION BY person_id ORDER BY here, start) AS earliest
    FROM (
      SELECT *, coalesce(spot, greatest(spot6 - spot6 % 16, 1 + coalesce(CASE repeats / 16777216 % 16 WHEN 1 THEN spot1 WHEN 2 THEN spot2 WHEN 3 THEN spot3 WHEN 4 THEN spot4 WHEN 5 THEN spot5 WHEN 6 THEN spot6 END, 0))) AS here
      FROM found6
    ) AS looking
  ) AS looked
  WHERE uses >= 128 OR hit <= limit_spot OR (uses = 0 AND spot6 IS NULL) OR start = earliest
),
found8 AS (
  SELECT
    person_id, uses, repeats, spot, start, limit_spot, segment, spot1, spot2, spot3, spot4, spot5, spot6, spot7,
    CASE WHEN hit <= limit_spot THEN greatest(hit - hit % 16, here) END AS spot8
  FROM (
    SELECT
      *,
      min(CASE WHEN uses / 128 % 2 = 1 THEN spot END) OVER (
        PARTITION BY person_id ORDER BY here, start RANGE BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING
      ) AS hit,
      min(start) OVER (PARTITION BY person_id ORDER BY here, start) AS earliest
    FROM (
      SELECT *, coalesce(spot, greatest(spot7 - spot7 % 16, 1 + coalesce(CASE repeats / 268435456 % 16 WHEN 1 THEN spot1 WHEN 2 THEN spot2 WHEN 3 THEN spot3 WHEN 4 THEN spot4 WHEN 5 THEN spot5 WHEN 6 THEN spot6 WHEN 7 THEN spot7 END, 0))) AS here
      FROM found7
    ) AS looking
  ) AS looked
  WHERE uses >= 256 OR hit <= limit_spot OR (uses = 0 AND spot7 IS NULL) OR start = earliest
),
found9 AS (
  SELECT
    person_id, uses, repeats, spot, start, limit_spot, segment, spot1, spot2, spot3, spot4, spot5, spot6, spot7, spot8,
    CASE WHEN hit <= limit_spot THEN greatest(hit - hit % 16, here) END AS spot9
  FROM (
    SELECT
      *,
      min(CASE WHEN uses / 256 % 2 = 1 THEN spot END) OVER (
        PARTITION BY person_id ORDER BY here, start RANGE BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING
      ) AS hit,
      min(start) OVER (PARTITION BY person_id ORDER BY here, start) AS earliest
    FROM (
      SELECT *, coalesce(spot, greatest(spot8 - spot8 % 16, 1 + coalesce(CASE repeats / 4294967296 % 16 WHEN 1 THEN spot1 WHEN 2 THEN spot2 WHEN 3 THEN spot3 WHEN 4 THEN spot4 WHEN 5 THEN spot5 WHEN 6 THEN spot6 WHEN 7 THEN spot7 WHEN 8 THEN spot8 END, 0))) AS here
      FROM found8
    ) AS looking
  ) AS looked
  WHERE uses >= 512 OR hit <= limit_spot OR (uses = 0 AND spot8 IS NULL) OR start = earliest
),
found10 AS (
  SELECT
    person_id, uses, repeats, spot, start, limit_spot, segment, spot1, spot2, spot3, spot4, spot5, spot6, spot7, spot8, spot9,
    CASE WHEN hit <= limit_spot THEN greatest(hit - hit % 16, here) END AS spot10
  FROM (
    SELECT
      *,
      min(CASE WHEN uses / 512 % 2 = 1 THEN spot END) OVER (
        PARTITION BY person_id ORDER BY here, start RANGE BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING
      ) AS hit,
      min(start) OVER (PARTITION BY person_id ORDER BY here, start) AS earliest
    FROM (
      SELECT *, coalesce(spot, greatest(spot9 - spot9 % 16, 1 + coalesce(CASE repeats / 68719476736 % 16 WHEN 1 THEN spot1 WHEN 2 THEN spot2 WHEN 3 THEN spot3 WHEN 4 THEN spot4 WHEN 5 THEN spot5 WHEN 6 THEN spot6 WHEN 7 THEN spot7 WHEN 8 THEN spot8 WHEN 9 THEN spot9 END, 0))) AS here
      FROM found9
    ) AS looking
  ) AS looked
  WHERE uses >= 1024 OR hit <= limit_spot OR (uses = 0 AND spot9 IS NULL) OR start = earliest
),

-- unordered: a step whose name stands in n steps before it waits for n more events of that name.
waited AS (
  SELECT person_id, segment, ms, place, lead(ms, skipped) OVER (PARTITION BY person_id, place ORDER BY ms) AS done_ms
  FROM taken JOIN places ON taken.event = places.event
  WHERE :order = 'unordered'
),
started AS (
  SELECT
    person_id,
    min(segment) OVER (PARTITION BY person_id ORDER BY ms RANGE BETWEEN CURRENT ROW AND CURRENT ROW) AS segment,
    ms AS start,
    min(CASE WHEN place = 1 THEN done_ms END) OVER onwards AS time1,
    min(CASE WHEN place = 2 THEN done_ms END) OVER onwards AS time2,
    min(CASE WHEN place = 3 THEN done_ms END) OVER onwards AS time3,
    min(CASE WHEN place = 4 THEN done_ms END) OVER onwards AS time4,
    min(CASE WHEN place = 5 THEN done_ms END) OVER onwards AS time5,
    min(CASE WHEN place = 6 THEN done_ms END) OVER onwards AS time6,
    min(CASE WHEN place = 7 THEN done_ms END) OVER onwards AS time7,
    min(CASE WHEN place = 8 THEN done_ms END) OVER onwards AS time8,
    min(CASE WHEN place = 9 THEN done_ms END) OVER onwards AS time9,
    min(CASE WHEN place = 10 THEN done_ms END) OVER onwards AS time10
  FROM waited
  WINDOW onwards AS (PARTITION BY person_id ORDER BY ms RANGE BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING)
),

chains AS (
  SELECT
    person_id,
    segment,
    start,
    ARRAY[time1, time2, time3, time4, time5, time6, time7, time8, time9, time10] AS times,
    CASE
      WHEN time1 IS NULL OR time1 > end_ms THEN 0
      WHEN time2 IS NULL OR time2 > end_ms THEN 1
      WHEN time3 IS NULL OR time3 > end_ms THEN 2
      WHEN time4 IS NULL OR time4 > end_ms THEN 3
      WHEN time5 IS NULL OR time5 > end_ms THEN 4
      WHEN time6 IS NULL OR time6 > end_ms THEN 5
      WHEN time7 IS NULL OR time7 > end_ms THEN 6
      WHEN time8 IS NULL OR time8 > end_ms THEN 7
      WHEN time9 IS NULL OR time9 > end_ms THEN 8
      WHEN time10 IS NULL OR time10 > end_ms THEN 9
      ELSE 10
    END AS reached
  FROM (
    SELECT person_id, segment, start, limit_spot / 16, spot1 / 16, spot2 / 16, spot3 / 16, spot4 / 16, spot5 / 16, spot6 / 16, spot7 / 16, spot8 / 16, spot9 / 16, spot10 / 16
    FROM found10
    WHERE uses = 0
    UNION ALL
    SELECT person_id, segment, start, start + within, time1, time2, time3, time4, time5, time6, time7, time8, time9, time10
    FROM started CROSS JOIN asked
    WHERE start < end_ms
  ) AS chain (person_id, segment, start, end_ms, time1, time2, time3, time4, time5, time6, time7, time8, time9, time10)
),
people AS (
  SELECT
    max(reached) AS reached,
    max_by(segment, reached * 1000000000000000 - start) AS segment,
    max_by(start, reached * 1000000000000000 - start) AS start,
    max_by(times, reached * 1000000000000000 - start) AS times
  FROM chains
  WHERE reached > 0
  GROUP BY person_id
),
steps AS (
  SELECT
    segment,
    place,
    array_max(slice(times, 1, place)) - start AS from_first,
    array_max(slice(times, 1, place)) - array_max(slice(times, 1, place - 1)) AS from_previous
  FROM people JOIN places ON places.place <= people.reached
  -- Nobody, so that there is a first step.
  UNION ALL
  SELECT '(all)', 1, NULL, NULL
  WHERE :by = 'none'
),
counted AS (
  SELECT
    segment,
    place,
    count(from_first) AS people,
    element_at(array_agg(from_first ORDER BY from_first), nullif((count(from_first) + 1) / 2, 0)) AS median_first,
    element_at(array_agg(from_previous ORDER BY from_previous), nullif((count(from_previous) + 1) / 2, 0)) AS median_previous
  FROM steps
  GROUP BY segment, place
),
compared AS (
  SELECT
    *,
    lead(place) OVER (PARTITION BY segment ORDER BY place) AS next_place,
    max(people) OVER (PARTITION BY segment ORDER BY place) AS first_people,
    lag(people) OVER (PARTITION BY segment ORDER BY place) AS previous_people
  FROM counted
)
-- Steps that nobody took follow the last one that somebody did.
SELECT
  segment,
  places.place AS step,
  event,
  CASE WHEN places.place = compared.place THEN people ELSE 0 END AS people,
  CASE
    WHEN places.place = compared.place THEN round(CAST(people AS double) / nullif(first_people, 0), 4)
    WHEN first_people > 0 THEN 0e0
  END AS of_first,
  CASE
    WHEN places.place = compared.place THEN round(CAST(people AS double) / nullif(previous_people, 0), 4)
    WHEN places.place = compared.place + 1 AND people > 0 THEN 0e0
  END AS of_previous,
  CASE
    WHEN places.place = compared.place THEN previous_people - people
    WHEN places.place = compared.place + 1 THEN people
    ELSE 0
  END AS dropped,
  CASE WHEN places.place = compared.place THEN median_previous END AS median_ms_from_previous,
  CASE WHEN places.place = compared.place THEN median_first END AS median_ms_from_first
FROM compared
  JOIN places ON places.place = compared.place OR (places.place > compared.place AND next_place IS NULL)
ORDER BY first_people DESC, segment, places.place
