import type { TSchema } from 'typebox'
import type { ColumnType, KeyedColumn } from '../lake/column.ts'
import type { EventSpec } from './event-spec.ts'
import { planFile } from './event-spec.ts'

const document = 'properties'

/** 'Order ID' and 'order_id' are both `properties_order_id`. */
export const propertyColumnName = (property: string): string =>
  `${document}_${property.toLowerCase().replace(/[^a-z0-9]+/g, '_')}`

/**
 * What such a column is called in a row: `_order_id`. It follows from the name alone, so that it stays whatever else comes to the
 * plan or goes. Other columns have names and keys that begin with a letter.
 */
const propertyKey = (column: string): string => column.slice(document.length)

/** The key of a column, when it is one of the plan. */
export const keyOfProperty = (column: string): string | undefined =>
  column.startsWith(`${document}_`) ? propertyKey(column) : undefined

/** The column of a key, when it is one of the plan. */
export const propertyOfKey = (key: string): string | undefined =>
  key.startsWith('_') ? document + key : undefined

/** Objects and mixed arrays have no column of their own: they stay in the JSON of `properties`. */
const columnTypeOf = (schema: TSchema): ColumnType | undefined => {
  const { type } = schema as { type?: string }
  switch (type) {
    case 'string':
      return 'string'
    case 'number':
      return 'double'
    case 'integer':
      return 'bigint'
    case 'boolean':
      return 'boolean'
    case 'array': {
      const { items } = schema as { items?: { type?: string } }
      return items?.type === 'string' ? 'array<string>' : undefined
    }
    default:
      return undefined
  }
}

/** What a value of the type looks like; a schema says no more. */
const examples: Readonly<Record<ColumnType, string>> = {
  string: 'text',
  double: '19.9',
  bigint: '3',
  int: '3',
  boolean: 'true',
  timestamp: '2026-11-21 04:05:06.789',
  'array<string>': '[a, b]',
}

/** One column per property of the plan, in the order of the plan. */
export const propertyColumns = (plan: readonly EventSpec[]): readonly KeyedColumn[] => {
  const found = new Map<string, { column: KeyedColumn; property: string; file: string }>()
  for (const spec of plan) {
    const file = planFile(spec.name)
    for (const [property, schema] of Object.entries(spec.properties.properties)) {
      const type = columnTypeOf(schema)
      if (type === undefined) continue
      const name = propertyColumnName(property)
      const before = found.get(name)
      if (before === undefined) {
        const { description } = schema as { description?: string }
        const comment = description ?? `Property ${property}`
        const source = `client: properties.${property}`
        found.set(name, {
          column: { name, key: propertyKey(name), type, comment, unit: '', source, example: examples[type] },
          property,
          file,
        })
      } else if (before.column.type !== type) {
        throw new Error(
          `"${property}" is ${type} in ${file} but "${before.property}" is ${before.column.type} in ${before.file}; ` +
            'they share one column of the lake. Give them one type or two names.',
        )
      } else if (before.property !== property) {
        throw new Error(
          `"${property}" in ${file} and "${before.property}" in ${before.file} are the same column ${name}. ` +
            'Use one spelling.',
        )
      }
    }
  }
  return [...found.values()].map(({ column }) => column)
}
