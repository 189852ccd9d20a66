import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { plan } from '../../../analytics/plan/plan.ts'
import { duckdbTypes } from '../../../shared/core/lake/duckdb-types.ts'
import { lakeTables } from '../../../shared/core/lake/tables.ts'
import { viewSql, viewText } from '../../../shared/core/lake/view-table.ts'
import { lakeViews, viewColumns } from '../../../shared/core/lake/views.ts'
import { ViewLake } from './view-lake.ts'

const tables = lakeTables(plan)
const columns = viewColumns(tables)

let lake: ViewLake
beforeAll(async () => {
  lake = await ViewLake.open()
})
afterAll(() => lake.close())

/** Athena refuses a view whose text answers other columns than the catalogue says. */
describe.each(Object.entries(columns))('%s', (name, told) => {
  it.each([
    ['before', undefined],
    [
      'after',
      {
        version: 1,
        through: 0,
        events: ['2026-11-01.a'],
        sessions: ['2026-11-01.a'],
        persons: '2026-11-02.a',
      },
    ],
  ])(
    'answers the columns that the catalogue has of it, %s the first compaction',
    async (_when, compacted) => {
      const answered = await lake.rows(`SELECT column_name, column_type FROM (DESCRIBE ${name})`, compacted)
      expect(answered).toEqual(told.map((column) => [column.name, duckdbTypes[column.type]]))
    },
  )
})

describe('viewText', () => {
  it('is what Athena itself writes of a view', () => {
    const text = viewText({
      sql: 'SELECT 1 AS "é"',
      database: 'weir_prod',
      columns: columns.visitors.slice(0, 4),
    })
    const [, base64 = ''] = /^\/\* Presto View: ([A-Za-z0-9+/=]+) \*\/$/.exec(text) ?? []
    expect(JSON.parse(Buffer.from(base64, 'base64').toString())).toEqual({
      originalSql: 'SELECT 1 AS "é"',
      catalog: 'awsdatacatalog',
      schema: 'weir_prod',
      columns: [
        { name: 'person_id', type: 'varchar' },
        { name: 'is_known', type: 'boolean' },
        { name: 'anonymous_ids', type: 'bigint' },
        { name: 'first_seen_at', type: 'timestamp(3)' },
      ],
    })
  })

  it('is read back to the same SQL, and nothing else is', () => {
    const { events_once: sql } = lakeViews(tables)
    expect(viewSql(viewText({ sql, database: 'weir_prod', columns: columns.events_once }))).toBe(sql)
    expect(() => viewSql('SELECT 1')).toThrow('no text of a view')
  })
})
