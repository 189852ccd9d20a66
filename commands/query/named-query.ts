import { readdir, readFile } from 'node:fs/promises'
import { type NamedQuery, parseNamedQuery } from '../../shared/core/lake/named-query.ts'

const queriesFolder = new URL('../../analytics/queries/', import.meta.url)

/** The queries of analytics/queries, by name. */
export async function namedQueries(): Promise<NamedQuery[]> {
  const files = (await readdir(queriesFolder)).filter((file) => file.endsWith('.sql')).sort()
  return Promise.all(
    files.map(async (file) => parseNamedQuery(file, await readFile(new URL(file, queriesFolder), 'utf8'))),
  )
}
