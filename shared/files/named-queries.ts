import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type NamedQuery, parseNamedQuery } from '../core/lake/named-query.ts'

/** In a function's zip and in the source some folders up; `sls invoke local` runs a bundle from deep below. */
const queriesFolder = (): string => {
  for (let folder = import.meta.dirname; ; folder = dirname(folder)) {
    const queries = join(folder, 'analytics/queries')
    if (existsSync(queries)) return queries
    if (folder === dirname(folder)) throw new Error('the folder analytics/queries is not in the package')
  }
}

/** A query of analytics/queries. Throws when there is none of that name. */
export const readQuery = (name: string): NamedQuery => {
  const file = `${name}.sql`
  return parseNamedQuery(file, readFileSync(join(queriesFolder(), file), 'utf8'))
}

/** All of them, by name. */
export const readQueries = (): NamedQuery[] =>
  readdirSync(queriesFolder())
    .filter((file) => file.endsWith('.sql'))
    .sort()
    .map((file) => readQuery(file.replace(/\.sql$/, '')))
