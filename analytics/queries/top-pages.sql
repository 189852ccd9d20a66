-- question: Which pages are seen most, and by how many people?
-- parameter: by choice(path|host|url|title) path | what makes two views the same page
-- parameter: bots choice(without|with|only) without | views by crawlers
-- parameter: from timestamp 1970-01-01 | events at this UTC time or later
-- parameter: to timestamp 9999-01-01 | events before this UTC time
-- parameter: limit integer 20 | how many pages
-- column: page varchar | path, host, address or title of the page; (none) where a view has none
-- column: views bigint | how often it was seen, page or screen
-- column: share double | of all views, 0 to 1
-- column: people bigint | by how many people
-- column: views_per_person double | mean number of views of one of them
-- never 0: views

WITH seen AS (
  SELECT
    coalesce(
      CASE :by WHEN 'host' THEN page_host WHEN 'url' THEN page_url WHEN 'title' THEN page_title ELSE page_path END,
      '(none)'
    ) AS page,
    person_id
  FROM events_once
  WHERE event IN ('Page Viewed', 'Screen Viewed')
    AND day >= CAST(CAST(:from AS date) AS varchar)
    AND day <= CAST(CAST(:to AS date) AS varchar)
    AND event_time >= :from
    AND event_time < :to
    AND (:bots = 'with' OR coalesce(is_bot, false) = (:bots = 'only'))
),
pages AS (
  SELECT page, count(*) AS views, count(DISTINCT person_id) AS people
  FROM seen
  GROUP BY page
)
SELECT
  page,
  views,
  -- Before LIMIT, so of all pages.
  round(CAST(views AS double) / sum(CAST(views AS double)) OVER (), 4) AS share,
  people,
  round(CAST(views AS double) / nullif(people, 0), 2) AS views_per_person
FROM pages
ORDER BY views DESC, page
LIMIT :limit
