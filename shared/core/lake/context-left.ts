import type { Dimensions } from '../enrichment/enrich.ts'
import { isObject } from '../event/json.ts'

/** Whether a member of a context says more than the columns do. The address is personal, and never kept. */
export const isLeftInContext = (key: string, value: unknown, dimensions: Dimensions): boolean => {
  switch (key) {
    case 'ip':
    case 'userAgent':
      return false
    case 'page':
      return !saysNoMore(value, pageColumns, dimensions.page)
    case 'campaign':
      return !saysNoMore(value, campaignColumns, dimensions.campaign)
    case 'library':
      return !saysNoMore(value, libraryColumns, dimensions)
    case 'locale':
    case 'timezone':
      return value !== dimensions[key]
    default:
      return true
  }
}

const saysNoMore = <Dimension extends object>(
  value: unknown,
  columns: ReadonlyMap<string, keyof Dimension>,
  dimension: Dimension,
): boolean => {
  if (!isObject(value)) return false
  for (const key in value) {
    const column = columns.get(key)
    if (column === undefined || !isSaid(value[key], dimension[column], key)) return false
  }
  return true
}

const isSaid = (value: unknown, inColumn: unknown, key: string): boolean =>
  value === inColumn || (key === 'search' && value === `?${inColumn}`)

/** Keys of a context with the dimensions that hold them. */
const pageColumns = new Map([
  ['url', 'url'],
  ['path', 'path'],
  ['title', 'title'],
  ['referrer', 'referrer'],
  ['search', 'query'],
] as const)
const campaignColumns = new Map([
  ['source', 'source'],
  ['medium', 'medium'],
  ['name', 'name'],
  ['term', 'term'],
  ['content', 'content'],
] as const)
const libraryColumns = new Map([
  ['name', 'libraryName'],
  ['version', 'libraryVersion'],
] as const)
