import { readColumn } from '../lake/event-row.ts'
import type { EnrichedEvent } from './enriched-event.ts'
import { isObject } from './json.ts'
import type { MetricFields } from './outcome.ts'

type Scalar = string | number | boolean | undefined

/** Fields of an event by the name of their column, or by a path into its JSON: `properties.cart.total`. Read when asked for. */
export class EventFields implements MetricFields {
  private readonly event: EnrichedEvent

  constructor(event: EnrichedEvent) {
    this.event = event
  }

  get(path: string): Scalar {
    const read = Object.hasOwn(readColumn, path) ? readColumn[path] : undefined
    if (read === undefined) return this.inside(path)
    const value = read(this.event)
    return value === '' ? undefined : value
  }

  private inside(path: string): Scalar {
    const [root = '', ...keys] = path.split('.')
    if (root !== 'properties' && root !== 'traits' && root !== 'context') return undefined
    let value: unknown = this.event.envelope[root]
    for (const key of keys) {
      if (!isObject(value) || !Object.hasOwn(value, key)) return undefined
      value = value[key]
    }
    switch (typeof value) {
      case 'string':
        return value.toWellFormed()
      case 'number':
      case 'boolean':
        return value
      default:
        return undefined
    }
  }
}
