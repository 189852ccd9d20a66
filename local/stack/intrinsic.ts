/** A value of a CloudFormation template, before or after its intrinsic functions are resolved. */
export type Json = string | number | boolean | null | Json[] | { [key: string]: Json }

export type JsonObject = { [key: string]: Json }

/** How `Ref` and `Fn::GetAtt` of a template's resources are answered. */
export interface Lookup {
  ref(logicalId: string): Json
  attribute(logicalId: string, name: string): Json
}

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Replaces every intrinsic function in a value. Throws on one that the local stack does not know. */
export function resolve(value: Json, lookup: Lookup): Json {
  if (Array.isArray(value)) return value.map((item) => resolve(item, lookup))
  if (!isObject(value)) return value
  const [only, ...more] = Object.entries(value)
  if (only && more.length === 0) {
    const [name, argument] = only
    if (name === 'Ref') return lookup.ref(String(argument))
    if (name.startsWith('Fn::')) return intrinsic(name, argument, lookup)
  }
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, resolve(item, lookup)]))
}

function intrinsic(name: string, argument: Json, lookup: Lookup): Json {
  switch (name) {
    case 'Fn::GetAtt':
      return getAtt(argument, lookup)
    case 'Fn::Join':
      return join(argument, lookup)
    case 'Fn::Sub':
      return sub(argument, lookup)
    case 'Fn::Select':
      return select(argument, lookup)
    case 'Fn::Split':
      return split(argument, lookup)
    default:
      throw new Error(`the local stack does not know ${name}: use Ref, GetAtt, Join, Sub, Select or Split`)
  }
}

function getAtt(argument: Json, lookup: Lookup): Json {
  const [logicalId, ...path] = Array.isArray(argument) ? argument.map(String) : String(argument).split('.')
  return lookup.attribute(logicalId ?? '', path.join('.'))
}

function join(argument: Json, lookup: Lookup): string {
  const [separator, list] = list2(argument)
  const parts = resolve(list, lookup)
  if (!Array.isArray(parts)) throw new Error('Fn::Join wants a list')
  return parts.map(String).join(String(separator))
}

function sub(argument: Json, lookup: Lookup): string {
  const [text, variables] = Array.isArray(argument) ? list2(argument) : [argument, {}]
  const own = isObject(variables) ? variables : {}
  return String(text).replaceAll(/\$\{(!?)([^}]+)\}/g, (_, literal: string, name: string) => {
    if (literal) return `\${${name}}`
    const given = own[name]
    if (given !== undefined) return String(resolve(given, lookup))
    return String(name.includes('.') ? getAtt(name, lookup) : lookup.ref(name))
  })
}

function select(argument: Json, lookup: Lookup): Json {
  const [index, list] = list2(argument)
  const items = resolve(list, lookup)
  const item = Array.isArray(items) ? items[Number(index)] : undefined
  if (item === undefined) throw new Error(`Fn::Select finds nothing at ${String(index)}`)
  return item
}

function split(argument: Json, lookup: Lookup): Json {
  const [separator, text] = list2(argument)
  return String(resolve(text, lookup)).split(String(separator))
}

function list2(argument: Json): [Json, Json] {
  if (!Array.isArray(argument) || argument.length !== 2)
    throw new Error('an intrinsic function wants two arguments')
  return [argument[0] ?? null, argument[1] ?? null]
}
