import type { PropertyType, ResourceProperties, SpecDatabase } from '@aws-cdk/service-spec-types'
import {
  intrinsicOf,
  isArray,
  isObject,
  type Json,
  type JsonObject,
  type Problem,
  resourcesOf,
} from './cloudformation-template.ts'

const resourceKeys = new Set([
  'Type',
  'Properties',
  'DependsOn',
  'Condition',
  'CreationPolicy',
  'DeletionPolicy',
  'Metadata',
  'UpdatePolicy',
  'UpdateReplacePolicy',
])

/** Holds every resource against AWS's specification: its type, and each property's name, type, value and presence. */
export function checkProperties(template: JsonObject, spec: SpecDatabase): Problem[] {
  return resourcesOf(template).flatMap(({ logicalId, type, properties, whole }) => {
    const [known] = spec.lookup('resource', 'cloudFormationType', 'equals', type)
    if (!known) return [{ at: logicalId, message: `unknown resource type ${type}` }]
    const strayKeys = Object.keys(whole).filter((key) => !resourceKeys.has(key))
    return [
      ...strayKeys.map((key) => ({ at: `${logicalId}.${key}`, message: 'not a part of a resource' })),
      ...checkObject({ at: logicalId, value: properties, properties: known.properties, spec }),
    ]
  })
}

type ObjectCheck = {
  readonly at: string
  readonly value: JsonObject
  readonly properties: ResourceProperties
  readonly spec: SpecDatabase
}

function checkObject({ at, value, properties, spec }: ObjectCheck): Problem[] {
  const missing = Object.entries(properties)
    .filter(([name, property]) => property.required && value[name] === undefined)
    .map(([name]) => ({ at: `${at}.${name}`, message: 'required, but missing' }))
  const present = Object.entries(value).flatMap(([name, item]) => {
    const property = properties[name]
    if (!property) return [{ at: `${at}.${name}`, message: 'unknown property' }]
    const types = [property.type, ...(property.previousTypes ?? [])]
    return checkAny({ at: `${at}.${name}`, value: item, types, spec })
  })
  return [...missing, ...present]
}

type ValueCheck = { readonly at: string; readonly value: Json; readonly spec: SpecDatabase }

/** No problem when one of the types fits; else those of the type that comes closest. */
function checkAny({ types, ...check }: ValueCheck & { readonly types: readonly PropertyType[] }): Problem[] {
  const attempts = types.map((type) => checkValue({ ...check, type }))
  return attempts.toSorted((left, right) => left.length - right.length)[0] ?? []
}

function checkValue({ type, ...check }: ValueCheck & { readonly type: PropertyType }): Problem[] {
  const { at, value, spec } = check
  const wrong = (message: string) => [{ at, message: `${message}, not ${JSON.stringify(value)}` }]
  const intrinsic = intrinsicOf(value)
  if (intrinsic && type.type !== 'json') return isScalar(type) ? [] : wrong(`${intrinsic.name} gives a text`)
  switch (type.type) {
    case 'json':
      return []
    case 'string':
    case 'date-time':
      if (typeof value !== 'string') return wrong('a text')
      return oneOf(type.type === 'string' ? type.allowedValues : undefined, value, wrong)
    case 'integer':
      if (!Number.isInteger(value)) return wrong('a whole number')
      return oneOf(type.allowedValues, value, wrong)
    case 'number':
      return typeof value === 'number' ? [] : wrong('a number')
    case 'boolean':
      return typeof value === 'boolean' ? [] : wrong('true or false')
    case 'null':
      return value === null ? [] : wrong('null')
    case 'tag':
      if (!isObject(value)) return wrong('a tag')
      return checkObject({ at, value, properties: tagProperties, spec })
    case 'array':
      if (!isArray(value)) return wrong('a list')
      return value.flatMap((item, index) =>
        checkValue({ at: `${at}[${index}]`, value: item, type: type.element, spec }),
      )
    case 'map':
      if (!isObject(value)) return wrong('a map')
      return Object.entries(value).flatMap(([key, item]) =>
        checkValue({ at: `${at}.${key}`, value: item, type: type.element, spec }),
      )
    case 'ref':
      if (!isObject(value)) return wrong('an object')
      return checkObject({
        at,
        value,
        properties: spec.get('typeDefinition', type.reference).properties,
        spec,
      })
    case 'union':
      return checkAny({ ...check, types: type.types })
  }
}

const tagProperties: ResourceProperties = {
  Key: { type: { type: 'string' }, required: true },
  Value: { type: { type: 'string' }, required: true },
}

const oneOf = <T extends Json>(
  allowed: readonly T[] | undefined,
  value: Json,
  wrong: (message: string) => Problem[],
): Problem[] =>
  allowed === undefined || allowed.some((item) => item === value) ? [] : wrong(`one of ${allowed.join(', ')}`)

const scalarTypes = new Set(['string', 'integer', 'number', 'boolean', 'date-time'])

const isScalar = (type: PropertyType): boolean =>
  type.type === 'union' ? type.types.some(isScalar) : scalarTypes.has(type.type)
