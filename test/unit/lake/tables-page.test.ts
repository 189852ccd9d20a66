import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { plan } from '../../../analytics/plan/plan.ts'
import { lakeTables, partitionColumns } from '../../../shared/core/lake/tables.ts'
import { viewColumns } from '../../../shared/core/lake/views.ts'
import { sqlTraps } from '../../support/sql-traps.ts'
import { tablesPage } from '../../support/tables-page/page.ts'
import { ViewLake } from './view-lake.ts'

const page = readFileSync(join(import.meta.dirname, '../../../docs/tables.md'), 'utf8')
const tables = lakeTables(plan)

it('docs/tables.md is what the code says; `node test/support/make-tables-page.ts` writes it', () => {
  expect(page).toBe(tablesPage())
})

describe('every column', () => {
  const all = [
    ...Object.values(tables).flatMap((table) => [...table.columns, ...partitionColumns(table)]),
    ...Object.values(viewColumns(tables)).flat(),
  ]

  it('stands on the page', () => {
    expect(all.filter(({ name }) => !page.includes(`| \`${name}\` |`))).toEqual([])
  })

  it('has a meaning that Glue takes, a source and an example', () => {
    expect(all.filter(({ comment }) => comment === '' || comment.length > 255)).toEqual([])
    expect(all.filter(({ source, example }) => source === '' || example === '')).toEqual([])
  })

  it('that is a time or a number of something has a unit', () => {
    const numbers = all.filter(
      ({ name, type }) => type === 'timestamp' || (type === 'bigint' && !name.startsWith('properties_')),
    )
    expect(numbers.filter(({ unit }) => unit === '')).toEqual([])
  })
})

describe('the queries on the page', () => {
  const queries = Array.from(page.matchAll(/```sql\n([\s\S]*?)```/g), ([, sql = '']) => sql)
  let lake: ViewLake
  beforeAll(async () => {
    lake = await ViewLake.open()
  })
  afterAll(() => lake.close())

  it.each(queries)('run, and on both engines alike: %s', async (sql) => {
    expect(await lake.rows(sql)).toEqual([])
    expect(sqlTraps(sql)).toEqual([])
  })
})
