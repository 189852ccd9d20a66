/** A CloudFormation template as JSON; nothing of it is trusted yet. */
export type Json = string | number | boolean | null | readonly Json[] | JsonObject
export type JsonObject = { readonly [key: string]: Json }

export type Resource = {
  readonly logicalId: string
  readonly type: string
  readonly properties: JsonObject
  /** The whole of it, with DependsOn, DeletionPolicy and so on. */
  readonly whole: JsonObject
}

/** What is wrong, and where: `LakeBucket.BucketEncryption.Colour: unknown property`. */
export type Problem = { readonly at: string; readonly message: string }

export const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

export const isArray = (value: Json | undefined): value is readonly Json[] => Array.isArray(value)

export const objectAt = (value: Json | undefined, key: string): JsonObject => {
  const found = isObject(value) ? value[key] : undefined
  return isObject(found) ? found : {}
}

/** A value as a list: nothing is an empty one, a single value a list of one. */
export const listOf = (value: Json | undefined): readonly Json[] =>
  value === undefined ? [] : isArray(value) ? value : [value]

export function resourcesOf(template: JsonObject): readonly Resource[] {
  return Object.entries(objectAt(template, 'Resources')).map(([logicalId, whole]) => ({
    logicalId,
    type: isObject(whole) && typeof whole.Type === 'string' ? whole.Type : '',
    properties: objectAt(whole, 'Properties'),
    whole: isObject(whole) ? whole : {},
  }))
}

/** `{Ref: …}` or `{'Fn::…': …}` as its name and argument. */
export function intrinsicOf(value: Json): { name: string; argument: Json } | undefined {
  if (!isObject(value)) return undefined
  const [entry, ...others] = Object.entries(value)
  if (!entry || others.length > 0) return undefined
  const [name, argument] = entry
  return name === 'Ref' || name.startsWith('Fn::') ? { name, argument } : undefined
}
