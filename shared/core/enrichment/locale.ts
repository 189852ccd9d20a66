import type { JsonObject } from '../event/json.ts'
import { cached } from './bounded-cache.ts'
import { textAt } from './text.ts'

const locale = /^([A-Za-z]{2,3})(?:[-_]([A-Za-z]{4}))?(?:[-_]([A-Za-z]{2}|\d{3}))?(?:[-_.@].{0,32})?$/

/** `en_us.UTF-8` and `en-US` are both `en-US`; '' for what is no locale. */
export const localeOf = (context: JsonObject): string => readCached(textAt(context, 'locale'))

const readLocale = (given: string): string => {
  const match = locale.exec(given)
  if (match === null) return ''
  const [, language = '', script, region] = match
  let text = language.toLowerCase()
  if (script !== undefined) text += `-${script.slice(0, 1).toUpperCase()}${script.slice(1).toLowerCase()}`
  return region === undefined ? text : `${text}-${region.toUpperCase()}`
}

const readCached = cached(1_000, readLocale)
