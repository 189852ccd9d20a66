-- question: Which pages are seen most, and by how many visitors?
-- parameter: from timestamp 1970-01-01 | events at this UTC time or later
-- parameter: to timestamp 9999-01-01 | events before this UTC time
-- parameter: limit integer 20 | how many pages
-- column: page_path varchar | path of the page
-- column: views bigint | how often it was seen
-- column: visitors bigint | by how many visitors

SELECT
  page_path,
  count(*) AS views,
  count(DISTINCT visitor) AS visitors
FROM events_once
WHERE event = 'Page Viewed'
  AND event_time >= :from
  AND event_time < :to
GROUP BY page_path
ORDER BY views DESC, page_path
LIMIT :limit
