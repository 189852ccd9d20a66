-- question: Which events were refused, and why?
-- parameter: from timestamp 1970-01-01 | received at this UTC time or later
-- parameter: to timestamp 9999-01-01 | received before this UTC time
-- column: reason varchar | code of the first reason
-- column: events bigint | how many were refused for it
-- column: first_received timestamp | when the first of them arrived
-- column: last_received timestamp | when the last of them arrived
-- column: example_reasons varchar | all reasons of the last of them, as JSON
-- column: example_payload varchar | the start of that event, as it was received

WITH once AS (
  SELECT
    origin,
    reason,
    received_at,
    reasons,
    payload,
    row_number() OVER (PARTITION BY origin, received_at ORDER BY dt, bad_events.hour) AS copy
  FROM bad_events
  -- A file lies under the day of its first row, which may be the day before.
  WHERE dt >= CAST(CAST(date_add('hour', -4, :from) AS date) AS varchar)
    AND received_at >= :from
    AND received_at < :to
)
SELECT
  reason,
  count(*) AS events,
  min(received_at) AS first_received,
  max(received_at) AS last_received,
  max_by(reasons, ROW(received_at, origin)) AS example_reasons,
  substr(max_by(payload, ROW(received_at, origin)), 1, 200) AS example_payload
FROM once
WHERE copy = 1
GROUP BY reason
ORDER BY events DESC, reason
