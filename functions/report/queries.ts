import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type NamedQuery, parseNamedQuery } from '../../shared/core/lake/named-query.ts'

// Beside the function in its zip and in the source; `sls invoke local` runs a bundle that has nothing beside it.
const folders = [join(import.meta.dirname, '../..'), process.cwd()].map((root) =>
  join(root, 'analytics/queries'),
)

/** A query of analytics/queries. Throws when there is none of that name. */
export const readQuery = (name: string): NamedQuery => {
  const folder = folders.find((one) => existsSync(one))
  if (folder === undefined) throw new Error('the folder analytics/queries is not in the package')
  return parseNamedQuery(`${name}.sql`, readFileSync(join(folder, `${name}.sql`), 'utf8'))
}
