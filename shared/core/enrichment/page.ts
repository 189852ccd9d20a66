import type { Envelope } from '../event/envelope.ts'
import { objectAt, textAt } from './text.ts'

export type Page = {
  readonly url: string
  readonly host: string
  readonly path: string
  /** Without the question mark. */
  readonly query: string
  readonly title: string
  readonly referrer: string
}

/** Where it happened: of a page call its own properties say so first, of any other call the context does. */
export const pageOf = (event: Envelope): Page => {
  const context = objectAt(event.context, 'page')
  const isPage = event.type === 'page' || event.name === 'Page Viewed'
  const read = (key: string): string => (isPage && textAt(event.properties, key)) || textAt(context, key)
  const url = read('url')
  const parts = urlParts(url)
  return {
    url,
    host: parts.host,
    path: read('path') || parts.path,
    query: parts.query || read('search').replace(/^\?/, ''),
    title: read('title') || (event.title ?? '').toWellFormed(),
    referrer: read('referrer'),
  }
}

type UrlParts = Pick<Page, 'host' | 'path' | 'query'>

const noParts: UrlParts = { host: '', path: '', query: '' }

/** Parts of an address, or of a path as access logs have it; all '' when it is neither. */
export const urlParts = (url: string): UrlParts => {
  if (url === '') return noParts
  if (url.startsWith('/') && !url.startsWith('//')) {
    const [withoutHash = ''] = url.split('#', 1)
    const mark = withoutHash.indexOf('?')
    return mark === -1
      ? { host: '', path: withoutHash, query: '' }
      : { host: '', path: withoutHash.slice(0, mark), query: withoutHash.slice(mark + 1) }
  }
  const parsed = URL.parse(url)
  return parsed === null
    ? noParts
    : { host: parsed.hostname, path: parsed.pathname, query: parsed.search.slice(1) }
}
