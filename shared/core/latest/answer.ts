import type { LatestChange } from './change.ts'
import type { LatestTables } from './definitions.ts'

export type LatestSource = {
  get(of: { readonly table: string; readonly key: string }): Promise<LatestChange | undefined>
}

export type LatestCatalogueEntry = {
  readonly name: string
  readonly of: string
  readonly key: string
  readonly version: string
  readonly versionType: string
  readonly values: readonly string[]
  readonly description: string
}

export type LatestBody = {
  readonly table: string
  readonly key: string
  /** As text: a number of 38 digits is none in most languages. */
  readonly version: string
  readonly eventTime: string
  readonly values: LatestChange['values']
  /** Values that were too large to be kept here. */
  readonly leftOut: readonly string[]
}

export type LatestAnswer =
  | { readonly status: 200; readonly body: { readonly tables: readonly LatestCatalogueEntry[] } | LatestBody }
  | { readonly status: 400; readonly body: { readonly error: string } }
  | { readonly status: 404; readonly body: { readonly error: string; readonly deletedBy?: string } }

export const isLatestPath = (path: string): boolean => /^\/v1\/latest(\/|$)/.test(path)

/**
 * `GET /v1/latest` (the catalogue) and `GET /v1/latest/{table}/{key}`. A key that a path cannot carry as it is goes
 * into the query: `GET /v1/latest/{table}?key=…`.
 */
export const answerLatest = async (
  request: { readonly path: string; readonly parameters: Readonly<Record<string, string | undefined>> },
  tables: LatestTables,
  source: LatestSource,
): Promise<LatestAnswer> => {
  const [, name = '', inPath] = /^\/v1\/latest(?:\/([^/]*)(?:\/(.+))?)?$/.exec(request.path) ?? []
  if (name === '') return { status: 200, body: { tables: catalogueOfLatest(tables) } }
  if (!Object.hasOwn(tables, name)) {
    const error = `no table "${name}"; there are ${Object.keys(tables).join(', ')}`
    return { status: 404, body: { error } }
  }
  const key = request.parameters.key ?? decoded(inPath ?? '')
  if (key === undefined || key === '')
    return { status: 400, body: { error: `name a key: /v1/latest/${name}/{key}, or ?key=` } }
  const found = await source.get({ table: name, key })
  if (found === undefined) return { status: 404, body: { error: `no "${key}" in ${name}` } }
  const { version, values, leftOut } = found
  if (found.deleted)
    return { status: 404, body: { error: `"${key}" of ${name} was deleted`, deletedBy: version } }
  const eventTime = new Date(found.eventTime).toISOString()
  return { status: 200, body: { table: name, key, version, eventTime, values, leftOut } }
}

const decoded = (inPath: string): string | undefined => {
  try {
    return decodeURIComponent(inPath)
  } catch {
    return undefined
  }
}

export const catalogueOfLatest = (tables: LatestTables): readonly LatestCatalogueEntry[] =>
  Object.entries(tables).map(([name, table]) => {
    const { of, key, version, versionType, values, description } = table
    return { name, of, key, version, versionType, values, description }
  })
