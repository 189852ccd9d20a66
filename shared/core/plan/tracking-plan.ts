import type { BadReason } from '../bad-row/bad-row.ts'
import type { JsonObject } from '../event/json.ts'
import type { ColumnType } from '../lake/tables.ts'
import { type EventSpec, planFile } from './event-spec.ts'
import { propertyColumnName, propertyColumns } from './property-columns.ts'
import { createValidator, type Validator } from './validator.ts'

/** key: of its column in a row. */
export type PropertyColumn = { readonly key: string; readonly type: ColumnType }

/** A tracking plan ready to judge with. */
export type TrackingPlan = {
  /** 'unplanned' when the plan does not know the event, else what is wrong with its properties, if anything. */
  check(event: string, properties: JsonObject): 'unplanned' | readonly BadReason[] | undefined
  /** The column of the lake that holds a property, by the property's name. */
  readonly columns: ReadonlyMap<string, PropertyColumn>
}

/** Throws when two events of the plan share a name or disagree on the type of a column. */
export const createTrackingPlan = (specs: readonly EventSpec[]): TrackingPlan => {
  const validators = new Map<string, Validator>()
  for (const spec of specs) {
    if (validators.has(spec.name))
      throw new Error(`${planFile(spec.name)}: "${spec.name}" is in the plan twice.`)
    validators.set(spec.name, createValidator(spec.properties, 'bad_properties', '/properties'))
  }
  const byName = new Map(propertyColumns(specs).map((column) => [column.name, column]))
  const columns = new Map<string, PropertyColumn>()
  for (const property of specs.flatMap((spec) => Object.keys(spec.properties.properties))) {
    const column = byName.get(propertyColumnName(property))
    if (column !== undefined) columns.set(property, column)
  }
  return {
    columns,
    check: (event, properties) => {
      const validator = validators.get(event)
      return validator === undefined ? 'unplanned' : validator(properties)
    },
  }
}
