-- question: How much money came in, from how many orders and buyers?
-- parameter: every choice(day|week|month) day | one row per UTC day, week (from Monday) or month
-- parameter: by choice(none|geo_country|device_class|browser|os) none | broken down by this column
-- parameter: order text Order Completed | event that is an order
-- parameter: refund text Order Refunded | event that is a refund
-- parameter: bots choice(without|with|only) with | orders, refunds and people of crawlers; a server that sends orders may look like one
-- parameter: from timestamp 1970-01-01 | events at this UTC time or later
-- parameter: to timestamp 9999-01-01 | events before this UTC time
-- column: period date | first day of the UTC day, week or month
-- column: segment varchar | value of the column asked for; (none) where an event has none
-- column: currency varchar | currency of the money; (none) where an event names none
-- column: orders bigint | orders
-- column: repeated_orders bigint | those of them whose order_id an earlier order of the time asked for has: counted all the same
-- column: refunds bigint | refunds, and orders with a revenue below 0
-- column: gross double | money of the orders
-- column: refunded double | money of the refunds, below 0
-- column: revenue double | both together
-- column: buyers bigint | people with an order
-- column: average_order double | gross by order
-- column: people bigint | people who did anything then
-- column: revenue_per_person double | revenue by such a person

-- A server whose HTTP client calls itself axios or python-requests counts as a crawler by that name, so crawlers are in.
WITH money AS (
  SELECT
    origin,
    event_time,
    CAST(date_trunc(:every, event_time) AS date) AS period,
    coalesce(
      CASE :by
        WHEN 'geo_country' THEN geo_country
        WHEN 'device_class' THEN device_class
        WHEN 'browser' THEN browser
        WHEN 'os' THEN os
        ELSE '(all)'
      END,
      '(none)'
    ) AS segment,
    coalesce(properties_currency, '(none)') AS currency,
    person_id,
    properties_order_id AS order_id,
    event = :refund OR coalesce(properties_revenue, 0e0) < 0 AS is_refund,
    CASE
      -- Clients differ in the sign of what they give back.
      WHEN event = :refund THEN -abs(coalesce(properties_revenue, properties_total, 0e0))
      ELSE coalesce(properties_revenue, 0e0)
    END AS amount
  FROM events_once
  WHERE event IN (:order, :refund)
    AND day >= CAST(CAST(:from AS date) AS varchar)
    AND day <= CAST(CAST(:to AS date) AS varchar)
    AND event_time >= :from
    AND event_time < :to
    AND (:bots = 'with' OR coalesce(is_bot, false) = (:bots = 'only'))
),
ranked AS (
  SELECT
    *,
    row_number() OVER (
      PARTITION BY is_refund, order_id, CASE WHEN order_id IS NULL THEN origin END
      ORDER BY event_time, origin
    ) AS place
  FROM money
),
taken AS (
  SELECT
    period,
    segment,
    currency,
    count(CASE WHEN NOT is_refund THEN 1 END) AS orders,
    count(CASE WHEN NOT is_refund AND place > 1 THEN 1 END) AS repeated_orders,
    count(CASE WHEN is_refund THEN 1 END) AS refunds,
    sum(CASE WHEN is_refund THEN 0e0 ELSE amount END) AS gross,
    sum(CASE WHEN is_refund THEN amount ELSE 0e0 END) AS refunded,
    count(DISTINCT CASE WHEN NOT is_refund THEN person_id END) AS buyers
  FROM ranked
  GROUP BY period, segment, currency
),
active AS (
  SELECT period, segment, count(DISTINCT person_id) AS people
  FROM (
    SELECT
      CAST(date_trunc(:every, event_time) AS date) AS period,
      coalesce(
        CASE :by
          WHEN 'geo_country' THEN geo_country
          WHEN 'device_class' THEN device_class
          WHEN 'browser' THEN browser
          WHEN 'os' THEN os
          ELSE '(all)'
        END,
        '(none)'
      ) AS segment,
      person_id
    FROM events_once
    WHERE (:bots = 'with' OR coalesce(is_bot, false) = (:bots = 'only'))
      AND day >= CAST(CAST(:from AS date) AS varchar)
      AND day <= CAST(CAST(:to AS date) AS varchar)
      AND event_time >= :from
      AND event_time < :to
  ) AS everybody
  GROUP BY period, segment
)
SELECT
  taken.period,
  taken.segment,
  taken.currency,
  taken.orders,
  taken.repeated_orders,
  taken.refunds,
  round(taken.gross, 2) AS gross,
  round(taken.refunded, 2) AS refunded,
  round(taken.gross + taken.refunded, 2) AS revenue,
  taken.buyers,
  round(taken.gross / nullif(taken.orders, 0), 2) AS average_order,
  coalesce(active.people, 0) AS people,
  round((taken.gross + taken.refunded) / nullif(active.people, 0), 4) AS revenue_per_person
FROM taken LEFT JOIN active ON active.period = taken.period AND active.segment = taken.segment
ORDER BY taken.period, revenue DESC, taken.segment, taken.currency
