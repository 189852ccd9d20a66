import type { JsonObject } from '../event/json.ts'

// Never asked for by a name that every object has, such as `constructor`: what is found is what the client sent.

/** Text of a field of a client's JSON; '' for anything else. Lone surrogates, which no UTF-8 file can hold, become U+FFFD. */
export const textAt = (object: JsonObject, key: string): string => {
  const value = object[key]
  return typeof value === 'string' ? value.toWellFormed() : ''
}

export const objectAt = (object: JsonObject, key: string): JsonObject => {
  const value = object[key]
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as JsonObject)
    : nothing
}

const nothing: JsonObject = {}
