-- question: How many events of each name happened each hour?
-- parameter: events list | names of events, with commas between them; empty for all
-- parameter: bots choice(without|with|only) with | events by crawlers
-- parameter: from timestamp 1970-01-01 | events at this UTC time or later
-- parameter: to timestamp 9999-01-01 | events before this UTC time
-- column: hour timestamp | start of the UTC hour in which they happened
-- column: event varchar | name of the event
-- column: events bigint | how many
-- column: people bigint | of how many people

SELECT
  date_trunc('hour', event_time) AS hour,
  event,
  count(*) AS events,
  count(DISTINCT person_id) AS people
FROM events_once
WHERE day >= CAST(CAST(:from AS date) AS varchar)
  AND day <= CAST(CAST(:to AS date) AS varchar)
  AND event_time >= :from
  AND event_time < :to
  AND (:bots = 'with' OR coalesce(is_bot, false) = (:bots = 'only'))
  AND (:events = '' OR contains(split(:events, ','), event))
GROUP BY date_trunc('hour', event_time), event
ORDER BY hour, events DESC, event
