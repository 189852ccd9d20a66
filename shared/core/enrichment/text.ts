import type { JsonObject } from '../event/json.ts'

/** Text of a field of a client's JSON; '' for anything else. Lone surrogates, which no UTF-8 file can hold, become U+FFFD. */
export const textAt = (object: JsonObject, key: string): string => {
  // own: `constructor` is a field of every object, but not of what the client sent
  const value = Object.hasOwn(object, key) ? object[key] : undefined
  return typeof value === 'string' ? value.toWellFormed() : ''
}

export const objectAt = (object: JsonObject, key: string): JsonObject => {
  const value = Object.hasOwn(object, key) ? object[key] : undefined
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as JsonObject)
    : nothing
}

const nothing: JsonObject = {}
