import latestTables from '../../analytics/latest.ts'
import { plan } from '../../analytics/plan/plan.ts'
import { namedQueries } from '../../commands/query/named-query.ts'
import { latestViews } from '../../shared/core/lake/latest-view.ts'
import { bindParameters } from '../../shared/core/lake/named-query.ts'
import { lakeTables } from '../../shared/core/lake/tables.ts'
import { lakeViews } from '../../shared/core/lake/views.ts'

export type ShippedSql = { readonly name: string; readonly sql: string }

const compacted = {
  version: 3,
  through: Date.UTC(2026, 10, 2),
  events: ['2026-10-31.b', '2026-11-01.a'],
  sessions: ['2026-11-01.a'],
  persons: '2026-11-02.a',
}

/** All that is sent to Athena as it stands: named queries with their defaults, and views before and after a compaction. */
export const shippedSql = async (): Promise<ShippedSql[]> => {
  const tables = lakeTables(plan)
  const views = (when: string, texts: Readonly<Record<string, string>>) =>
    Object.entries(texts).map(([name, sql]) => ({ name: `view ${name}, ${when}`, sql }))
  return [
    ...(await namedQueries()).map((query) => ({ name: query.name, sql: bindParameters(query, {}) })),
    ...views('nothing compacted', lakeViews(tables)),
    ...views('compacted', lakeViews(tables, compacted)),
    ...Object.entries(latestViews(latestTables, tables.events.columns)).map(([name, { sql }]) => ({
      name: `view ${name}`,
      sql,
    })),
  ]
}
