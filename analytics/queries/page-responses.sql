-- question: Which pages does the web server fail to answer, and which are heavy?
-- parameter: bots choice(without|with|only) with | requests of crawlers
-- parameter: from timestamp 1970-01-01 | events at this UTC time or later
-- parameter: to timestamp 9999-01-01 | events before this UTC time
-- parameter: limit integer 20 | how many pages
-- column: page varchar | path of the page; (none) where a request has none
-- column: requests bigint | page views with an HTTP status, as access logs have it
-- column: not_found bigint | with status 404 or 410
-- column: client_errors bigint | with status 400 to 499
-- column: server_errors bigint | with status 500 to 599
-- column: error_rate double | share of both kinds of errors, 0 to 1
-- column: mean_bytes double | mean size of an answer
-- column: max_bytes bigint | size of the largest

SELECT
  coalesce(page_path, '(none)') AS page,
  count(*) AS requests,
  count(CASE WHEN properties_status IN (404, 410) THEN 1 END) AS not_found,
  count(CASE WHEN properties_status BETWEEN 400 AND 499 THEN 1 END) AS client_errors,
  count(CASE WHEN properties_status BETWEEN 500 AND 599 THEN 1 END) AS server_errors,
  round(avg(CASE WHEN properties_status BETWEEN 400 AND 599 THEN 1e0 ELSE 0e0 END), 4) AS error_rate,
  round(avg(CAST(properties_bytes AS double)), 1) AS mean_bytes,
  max(properties_bytes) AS max_bytes
FROM events_once
WHERE event = 'Page Viewed'
  AND day >= CAST(CAST(:from AS date) AS varchar)
  AND day <= CAST(CAST(:to AS date) AS varchar)
  AND event_time >= :from
  AND event_time < :to
  AND properties_status IS NOT NULL
  AND (:bots = 'with' OR coalesce(is_bot, false) = (:bots = 'only'))
GROUP BY coalesce(page_path, '(none)')
ORDER BY server_errors DESC, client_errors DESC, requests DESC, page
LIMIT :limit
