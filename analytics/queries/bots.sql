-- question: How much of the traffic is crawlers, and which?
-- parameter: from timestamp 1970-01-01 | events at this UTC time or later
-- parameter: to timestamp 9999-01-01 | events before this UTC time
-- parameter: limit integer 50 | how many families
-- column: family varchar | name of the crawler or browser in the user agent; (none) without one
-- column: is_bot boolean | true when the user agent names a crawler
-- column: events bigint | events
-- column: share double | of all events, 0 to 1
-- column: people bigint | people who sent them; a crawler mostly has no id, so each address counts
-- column: events_per_person double | mean number of events of one of them
-- column: user_agents bigint | different user agents of the family
-- column: example_user_agent varchar | one of them
-- never 0: events

-- By user agent first: the patterns are then tried once for each.
WITH agents AS (
  SELECT
    coalesce(user_agent, '') AS user_agent,
    coalesce(browser, '') AS browser,
    coalesce(is_bot, false) AS is_bot,
    person_id,
    count(*) AS events
  FROM events_once
  WHERE day >= CAST(CAST(:from AS date) AS varchar)
    AND day <= CAST(CAST(:to AS date) AS varchar)
    AND event_time >= :from
    AND event_time < :to
  GROUP BY coalesce(user_agent, ''), coalesce(browser, ''), coalesce(is_bot, false), person_id
),
named AS (
  SELECT
    user_agent,
    browser,
    is_bot,
    coalesce(
      -- Googlebot, bingbot, AhrefsBot, facebookexternalhit, Baiduspider, …
      CASE WHEN is_bot THEN
        regexp_extract(user_agent, '(?i)[a-z0-9_.-]*(?:bot|crawl|spider|slurp|externalhit|preview|monitor)[a-z0-9_.-]*')
      END,
      nullif(browser, ''),
      -- curl of curl/8.5
      regexp_extract(user_agent, '^[^ /;(]+'),
      '(none)'
    ) AS family
  FROM (SELECT DISTINCT user_agent, browser, is_bot FROM agents) AS distinct_agents
),
families AS (
  SELECT
    named.family,
    named.is_bot,
    CAST(sum(agents.events) AS bigint) AS events,
    count(DISTINCT agents.person_id) AS people,
    count(DISTINCT agents.user_agent) AS user_agents,
    min(nullif(agents.user_agent, '')) AS example_user_agent
  FROM agents JOIN named
    ON named.user_agent = agents.user_agent AND named.browser = agents.browser AND named.is_bot = agents.is_bot
  GROUP BY named.family, named.is_bot
)
SELECT
  family,
  is_bot,
  events,
  round(CAST(events AS double) / sum(CAST(events AS double)) OVER (), 4) AS share,
  people,
  round(CAST(events AS double) / nullif(people, 0), 2) AS events_per_person,
  user_agents,
  example_user_agent
FROM families
ORDER BY is_bot DESC, events DESC, family
LIMIT :limit
