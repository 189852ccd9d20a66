/** What docs/tables.md says beside the columns. */

export const opening = `# Tables and views of the lake

Made from the code by \`node test/support/make-tables-page.ts\`; the columns come from \`shared/core/lake/tables.ts\`, which also
makes the Glue catalogue, the conversion to Parquet and the local lake. In Athena the database is \`weir_<stage>\`; on the laptop
\`npm run query -- "SELECT …"\` asks the same tables and views with DuckDB. All times are UTC.

**Read the views.** \`events_once\`, \`sessions_final\` and \`visitors\` show each thing once. The tables below them hold rows twice when
a write had to be repeated, and split history between what is compacted and what came since.

| to answer | read | |
|---|---|---|
| what happened | \`events_once\` | one row an event |
| visits | \`sessions_final\` | one row a session |
| people | \`visitors\` | one row a person |
| what was refused, and why | \`bad_events\` | at least once: count distinct origins |
| what was sent, to the byte | \`raw\` | at least once, in parts |`

export const onViews = {
  events_once: `Each accepted event once. What arrived before the last compaction comes from \`events_daily\`, what came since from \`events\`,
of which any one of equal copies is kept by origin. Two differences to the tables:

- \`session_id\` is final: an event of a session that was merged into another has the id of that one.
- \`person_id\` says who it was, by what is known today: the user last seen with its anonymous id, by event time, then origin. So
  events from before somebody signed in count for the same person, and the answer for an old day can change when they do.

Filter by \`day\` as well as by \`event_time\`: only the days asked for are read.

\`\`\`sql
SELECT day, count(*) AS views, count(DISTINCT person_id) AS people
FROM events_once
WHERE day BETWEEN '2026-11-01' AND '2026-11-07' AND event = 'Page Viewed' AND NOT is_bot
GROUP BY day
ORDER BY day
\`\`\`

\`\`\`sql
SELECT properties_currency AS currency, round(sum(properties_revenue), 2) AS revenue
FROM events_once
WHERE day = '2026-11-01' AND event = 'Order Completed'
GROUP BY properties_currency
\`\`\`

A property that the plan does not have is in the JSON of \`properties\`:

\`\`\`sql
SELECT json_extract_scalar(properties, '$.colour') AS colour, count(*) AS events
FROM events_once
WHERE day = '2026-11-01'
GROUP BY json_extract_scalar(properties, '$.colour')
\`\`\``,
  sessions_final: `Each closed session once, and none that was merged into another. A session is there some 45 minutes after its last event: gap and
allowed lateness. Compaction computes those of closed days anew from their events, so that what came late stands in the session it
belongs to; until then a very late event has a session of its own, flagged \`late\`.

\`\`\`sql
SELECT channel, count(*) AS sessions, round(avg(CASE WHEN engaged THEN 1e0 ELSE 0e0 END), 4) AS engaged_rate
FROM sessions_final
WHERE day = '2026-11-01' AND NOT is_bot
GROUP BY channel
ORDER BY sessions DESC
\`\`\``,
  visitors: `One row a person, over all their closed sessions: when first and last seen, how often, what brought them. It reads all sessions there
are, and no events.

\`\`\`sql
SELECT first_channel, count(*) AS people, round(sum(revenue), 2) AS revenue
FROM visitors
WHERE first_seen_at >= TIMESTAMP '2026-11-01 00:00:00'
GROUP BY first_channel
ORDER BY revenue DESC
\`\`\``,
}

export const closing = `## How little is read

- **Streaming tables** (\`raw\`, \`events\`, \`sessions\`, \`bad_events\`) lie under \`dt=YYYY-MM-DD/hour=HH/\`, the UTC hour in which Firehose took
  the first row of a file. Athena works the folders out for itself (partition projection), so nothing has to be added and no crawler
  runs. A row may lie an hour before its \`received_at\`, and any time after its \`event_time\`.
- **Daily tables** lie under \`part=<day>.<run>/\`, the UTC day on which the event happened or the session began. A part never changes;
  which parts count stands in the text of the views, as literals, and that is also what makes Athena leave the others out.
  Never read the daily tables yourself: parts of a run that died, or that were replaced, are in them.
- In the views a filter on \`day\` selects parts. On what came since the last compaction, filters on \`event_time\`, \`event\` and
  \`received_at\` are applied before copies are sought.
- A column that nobody asks for is not read. \`session_id\` of closed days costs nothing unless it is asked for; \`anonymous_id\` is always
  read by \`events_once\` and \`sessions_final\`, since by it the person is found.

## What is exact

- Every accepted event stands in \`events_once\` once, from the moment Firehose has delivered it (15 minutes by default), whatever was
  retried, killed or compacted meanwhile. The exception: rows that were counted and had not been delivered a day later. Their day is
  closed without them and the metric \`LakeMissing\` says how many they are; docs/runbook.md says how they come back.
- \`count(*)\` there is what the panes of the metrics count, hour by hour of arrival (\`npm run reconcile\`).
- Sessions of closed days are what a sort of the events gives. Sessions of the days since are what the stream gives: the same, but for
  events that came later than the allowed lateness.
- \`person_id\` follows one step: anonymous id to user. Two devices of one user are one person once the user signed in on both.
- \`approx_distinct\` and \`approx_percentile\` are estimates, and not the same ones on Athena and DuckDB.

## When the schema changes

New columns are added at the end of a table or by the tracking plan; older files answer NULL. A column that once was there keeps its
name and type for ever, since files cannot change: a test holds today's columns against those of each release in
\`test/unit/lake/schemas\`. When a column is deployed, the views are those of the template for a
while: they read everything from the streaming tables, which is right but more, until the next run of \`compact\`.

## Rows of one country

Two ways to keep one country's rows apart while the centre sees all.

**A stage each.** \`npm run deploy -- --stage fr\` is a whole Weir with streams, buckets and a database of its own. Nobody who may read one
reads another, by plain IAM. The centre asks across databases: \`SELECT … FROM weir_fr.events_once UNION ALL SELECT … FROM weir_de.events_once\`.

**One stage, a database of views each.** With \`tenants: [FR, DE]\` in \`serverless.yml\` (and \`tenantColumn\`, a column that \`events\` and
\`sessions\` both have, by default \`geo_country\`) the database \`weir_<stage>_fr\` has \`events_once\`, \`sessions_final\` and \`visitors\` with the rows
of FR only; a row without a value belongs to the centre alone, and so do \`bad_events\` and \`raw\`, which nobody has enriched. Queries
that read nothing but these views run there unchanged. Those of \`bad_events\` or of a lookup table do not: of the shipped ones
\`bad-events\`, \`data-quality\`, \`store-availability\` and \`store-availability-by-day\` are for the centre alone. A session belongs where it began.

Such views keep rows apart for those who look there. They keep nothing from those who look elsewhere: **a view of Athena
reads with the rights of who asks**, so whoever uses it may read the files below, all countries in them. To close that:

1. Register the lake bucket with Lake Formation, and take \`IAMAllowedPrincipals\` off the tables. From then on Firehose, \`compact\` and
   the centre need grants of their own; do it on a test stage first.
2. Make a data cells filter on each of \`events\`, \`events_daily\`, \`sessions\` and \`sessions_daily\` with the row filter \`geo_country = 'FR'\`,
   and grant SELECT through it to the country's role; on \`persons\` grant SELECT (it holds ids and nothing else).
3. Take \`s3:GetObject\` on the lake bucket from that role, but for \`athena-results/\`. Lake Formation lends it what the filters let through.

With filters in place the views of the stage itself show the country's role its rows only. None of these three steps is in the template,
since the first changes what everybody may do.

## SQL for both

Queries in \`analytics/queries\` run unchanged on Athena and on DuckDB, which reads Trino's SQL by the settings and macros of
\`shared/core/lake/duckdb-dialect.ts\`. Tests refuse what one of them lacks or reads otherwise, with what to write instead: \`::\`, QUALIFY,
subscripts, decimals in a division, a divisor that may be 0, CAST to json, AT TIME ZONE, GROUP BY of an alias, lambdas but in
\`filter\`, and more (\`test/support/sql-traps.ts\`). No test can see what hangs on the types, so mind these:

- \`CAST(x AS bigint)\` of a double that ends in .5: Trino rounds up, DuckDB to even. Write \`floor\` or \`round\` first.
- \`TRY_CAST(x AS bigint)\` of a text such as \`1.5\`: NULL on Trino, 2 on DuckDB.
- \`CAST(x AS varchar)\` of a double: \`1.5E0\` on Trino. Of a time: with milliseconds on Trino.
- \`date - date\`: write \`date_diff\`. Text next to a number: Trino wants a CAST, DuckDB makes one.
- An alias of the SELECT list used in WHERE, or in another column: only DuckDB knows it.
- Sums of whole numbers are wider on DuckDB: a CAST to bigint makes them alike.`
