import type { Column } from './column.ts'
import { selectList, textLiteral } from './view-sql.ts'
import type { ViewName } from './views.ts'
import { visitors } from './visitors.ts'

/** Whose rows a tenant sees: those with this value in this column. */
export type Tenant = { readonly column: string; readonly value: string }

/** Database of a tenant, beside the one of the stage. */
export const tenantDatabase = (database: string, { value }: Tenant): string =>
  `${database}_${value.toLowerCase().replace(/[^a-z0-9]+/g, '_')}`

/**
 * SQL of the views of a tenant: those of the stage, with the tenant's rows only. A person is who they were to that
 * tenant: their sessions elsewhere do not count. They keep rows apart for those who look, not from those who would look
 * elsewhere: a view of Athena reads with the rights of who asks.
 */
export const tenantViews = (
  of: {
    /** Of the stage. */
    readonly database: string
    readonly columns: Readonly<Record<ViewName, readonly Column[]>>
  },
  { column, value }: Tenant,
): Readonly<Record<ViewName, string>> => {
  const rowsOf = (view: ViewName) => `
SELECT
${selectList(
  of.columns[view].map(({ name }) => name),
  'everybody',
)}
FROM "${of.database}"."${view}" AS everybody
WHERE everybody.${column} = ${textLiteral(value)}`
  return { events_once: rowsOf('events_once'), sessions_final: rowsOf('sessions_final'), visitors }
}

/** Throws for a column that events and sessions do not both have, and for tenants whose databases would be one. */
export const checkedTenants = (
  of: { readonly column: string; readonly values: readonly string[] },
  tables: Readonly<Record<'events' | 'sessions', { readonly columns: readonly { readonly name: string }[] }>>,
): Tenant[] => {
  const lacking = (['events', 'sessions'] as const).filter((table) =>
    tables[table].columns.every(({ name }) => name !== of.column),
  )
  if (of.values.length > 0 && lacking.length > 0)
    throw new Error(
      `tenantColumn ${of.column}: ${lacking.join(' and ')} have no such column. Take one that both have, such as geo_country.`,
    )
  const tenants = of.values.map((value) => ({ column: of.column, value }))
  const databases = tenants.map((tenant) => tenantDatabase('', tenant))
  const twice = databases.find((name, index) => !/[a-z0-9]/.test(name) || databases.indexOf(name) !== index)
  if (twice !== undefined)
    throw new Error(`tenants: two would share the database weir_<stage>${twice}. Give them other names.`)
  return tenants
}
