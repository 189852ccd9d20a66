-- question: How many events of each name happened each hour?
-- parameter: from timestamp 1970-01-01 | events at this UTC time or later
-- parameter: to timestamp 9999-01-01 | events before this UTC time
-- column: hour timestamp | start of the UTC hour in which they happened
-- column: event varchar | name of the event
-- column: events bigint | how many
-- column: visitors bigint | of how many visitors

SELECT
  date_trunc('hour', event_time) AS hour,
  event,
  count(*) AS events,
  count(DISTINCT visitor) AS visitors
FROM events_once
WHERE event_time >= :from
  AND event_time < :to
GROUP BY date_trunc('hour', event_time), event
ORDER BY hour, events DESC, event
