import { createRequire } from 'node:module'
import { AthenaClient } from '@aws-sdk/client-athena'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { plan } from '../../analytics/plan/plan.ts'
import { namedQueries } from '../../commands/query/named-query.ts'
import { bindParameters } from '../../shared/core/lake/named-query.ts'
import { lakeTables } from '../../shared/core/lake/tables.ts'
import { viewColumns } from '../../shared/core/lake/views.ts'
import { database, declareLake, lake, putParquet, rowsOf, workGroup } from '../support/athena-fixture.ts'
import { type EndpointFixture, openFixture } from './endpoint-fixture.ts'

type Resource = { readonly Type: string; readonly Properties: Readonly<Record<string, unknown>> }
const { Resources }: { Resources: Readonly<Record<string, Resource>> } = createRequire(import.meta.url)(
  '../../serverless/queries.cjs',
)()
const shipped = Object.values(Resources)
  .filter(({ Type }) => Type === 'AWS::Athena::PreparedStatement')
  .map(({ Properties }) => ({
    name: String(Properties.StatementName),
    description: String(Properties.Description),
    sql: String(Properties.QueryStatement),
  }))

let fixture: EndpointFixture
let athena: AthenaClient

beforeAll(async () => {
  fixture = await openFixture()
  declareLake(fixture.endpoint)
  athena = new AthenaClient(fixture.client)
  fixture.endpoint.athena.catalogue.declareTable(database, {
    name: 'events_once',
    format: 'parquet',
    location: `s3://${lake}/events_once/`,
    columns: viewColumns(lakeTables(plan)).events_once.map(({ name, type }) => ({ name, type })),
    partitionKeys: [],
    isProjected: false,
  })
  for (const { name, description, sql } of shipped)
    fixture.endpoint.athena.declarePreparedStatement({ name, description, workGroup, sql })
  const names = `['Page Viewed', 'Product Viewed', 'Product Added', 'Order Completed']`
  // 40 people, an event every three hours for some two months; the last ones are crawlers.
  await putParquet(
    fixture.dataDir,
    'events_once/file.parquet',
    `SELECT 's:' || i || ':0' AS origin, (${names})[i % 7 % 4 + 1] AS event, 'p' || i * i % 40 AS person_id,
       'p' || i * i % 40 AS anonymous_id, 's' || i // 5 AS session_id, '/p/' || i % 9 AS page_path,
       i * i % 40 > 30 AS is_bot, ['DE', 'FR', NULL][i % 3 + 1] AS geo_country,
       TIMESTAMP '2026-09-21 00:00:00' + to_hours(3 * i::integer) AS event_time, event_time AS received_at,
       strftime(event_time, '%Y-%m-%d') AS day FROM range(500) AS t (i)`,
  )
})

afterAll(() => fixture.remove())

const period = { from: "TIMESTAMP '2026-09-28 00:00:00'", to: "TIMESTAMP '2026-11-16 00:00:00'" }

/** As one writes them by hand. */
const asked: readonly [string, Readonly<Record<string, string>>, Readonly<Record<string, string>>][] = [
  [
    'funnel',
    { steps: 'Page Viewed,Product Added', within: '7d', by: 'geo_country', bots: 'with' },
    {
      steps: "'Page Viewed,Product Added'",
      within: '604800000',
      order: "'ordered'",
      by: "'geo_country'",
      bots: "'with'",
    },
  ],
  ['top-pages', { by: 'path', bots: 'without', limit: '4' }, { by: "'path'", bots: "'without'", limit: '4' }],
  [
    'retention',
    { grain: 'week', start: 'Page Viewed', periods: '3' },
    {
      grain: "'week'",
      mode: "'first'",
      measure: "'exact'",
      start: "'Page Viewed'",
      return: "''",
      periods: '3',
      bots: "'without'",
    },
  ],
  ['drop-off', { steps: '3' }, { of: "'event'", steps: '3', bots: "'without'" }],
]

describe('a prepared statement of the template', () => {
  it.each(asked)(
    'answers what its query does: %s',
    async (name, texts, literals) => {
      const query = (await namedQueries()).find((one) => one.name === name)
      const statement = shipped.find((one) => one.name === name.replaceAll('-', '_'))
      if (query === undefined || statement === undefined) throw new Error(`no ${name}`)
      // The order is the one that its description names.
      const order = statement.description.split(' USING ')[1]?.split(', ') ?? []
      const values = order.map((parameter) => ({ ...literals, ...period })[parameter] ?? `no ${parameter}`)

      const executed = await rowsOf(athena, `EXECUTE ${statement.name} USING ${values.join(', ')}`)
      const bound = await rowsOf(
        athena,
        bindParameters(query, { ...texts, from: '2026-09-28', to: '2026-11-16' }),
      )
      expect(executed).toEqual(bound)
      expect(executed.length).toBeGreaterThan(2)
      expect(executed).not.toEqual(await rowsOf(athena, bindParameters(query)))
    },
    60_000,
  )
})
