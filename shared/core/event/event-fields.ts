import { cached } from '../enrichment/bounded-cache.ts'
import { readColumn } from '../lake/read-column.ts'
import type { EnrichedEvent } from './enriched-event.ts'
import { isObject } from './json.ts'
import type { MetricFields } from './outcome.ts'

type Scalar = string | number | boolean | undefined

const readers = new Map(Object.entries(readColumn))

/** Fields of an event by the name of their column, or by a path into its JSON: `properties.cart.total`. Read when asked for. */
export class EventFields implements MetricFields {
  private readonly event: EnrichedEvent

  constructor(event: EnrichedEvent) {
    this.event = event
  }

  get(path: string): Scalar {
    const read = readers.get(path)
    if (read === undefined) return this.inside(path)
    const value = read(this.event)
    return value === '' ? undefined : value
  }

  private inside(path: string): Scalar {
    const { root, keys } = stepsOf(path)
    let value: unknown = root === undefined ? undefined : this.event.envelope[root]
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

type Steps = {
  readonly root: 'properties' | 'traits' | 'context' | undefined
  readonly keys: readonly string[]
}

const readSteps = (path: string): Steps => {
  const [root, ...keys] = path.split('.')
  return root === 'properties' || root === 'traits' || root === 'context'
    ? { root, keys }
    : { root: undefined, keys: [] }
}

/** Metrics ask for the same few paths of every event. */
const stepsOf = cached(1_000, readSteps)
