import type { MetricFields } from '../event/outcome.ts'
import { isGrain } from '../window/grain.ts'
import { accountDescriptor } from './account.ts'
import type { AccumulatorKind, Grain } from './contribution.ts'

/** What a metric counts: every event, every closed session, page views, or the events of one name. */
export type MetricSource =
  | { readonly source: 'any' }
  | { readonly source: 'sessions' }
  | { readonly source: 'page' }
  | { readonly source: 'event'; readonly name: string }

/** Name of an event (`'Order Completed'`), or `'page'` for page and screen views of whatever name. */
type Of = string | MetricSource

type Options = {
  readonly of: Of
  readonly every: readonly Grain[]
  /** Fields to break it down by: `geo_country`, `properties.currency`, … */
  readonly by?: readonly string[]
  /** Takes part only where this is true. Must be pure: it is run again on every retry. */
  readonly where?: (fields: MetricFields) => boolean
  /** One sentence for whoever reads the catalogue. */
  readonly description?: string
  /** Of the value: `events`, `ms`, `currency`, … */
  readonly unit?: string
}

type FieldOptions = Options & {
  /** `properties.revenue`, `duration_ms`, … An event without it, or with a value of the wrong type, adds nothing. */
  readonly field: string
}

export type MetricDefinition = {
  readonly kind: AccumulatorKind
  readonly of: MetricSource
  readonly every: readonly Grain[]
  readonly by: readonly string[]
  /** '' for `count`. */
  readonly field: string
  readonly where: ((fields: MetricFields) => boolean) | undefined
  readonly description: string
  readonly unit: string
}

export type Metrics = Readonly<Record<string, MetricDefinition>>

export const any = (): MetricSource => ({ source: 'any' })
export const sessions = (): MetricSource => ({ source: 'sessions' })

/** How many there were. */
export const count = (options: Options): MetricDefinition => definition('count', { ...options, field: '' })
/** Exact to 6 decimals, however many are added in whatever order. */
export const sum = (options: FieldOptions): MetricDefinition => definition('sum', options)
export const min = (options: FieldOptions): MetricDefinition => definition('min', options)
export const max = (options: FieldOptions): MetricDefinition => definition('max', options)
/** How many distinct values, within about 1.6 % (HyperLogLog). */
export const unique = (options: FieldOptions): MetricDefinition => definition('unique', options)
/** p50, p75, p90, p95, p99, each within 1 % of the value (DDSketch). */
export const quantiles = (options: FieldOptions): MetricDefinition => definition('quantiles', options)

const definition = (kind: AccumulatorKind, options: FieldOptions): MetricDefinition => ({
  kind,
  of: sourceOf(options.of),
  every: options.every,
  by: options.by ?? [],
  field: options.field,
  where: options.where,
  description: options.description ?? '',
  unit: options.unit ?? '',
})

const sourceOf = (of: Of): MetricSource => {
  if (typeof of !== 'string') return of
  return of === 'page' ? { source: 'page' } : { source: 'event', name: of }
}

/** Names the metrics and checks them; throws one clear line for the first that is wrong. */
export const defineMetrics = <M extends Metrics>(metrics: M): M => {
  for (const [name, metric] of Object.entries(metrics)) {
    const problem = problemOf(name, metric)
    if (problem !== undefined) throw new Error(`metric "${name}": ${problem}`)
  }
  return metrics
}

const namePattern = /^[A-Za-z][A-Za-z0-9_]{0,63}$/
const fieldPattern = /^[A-Za-z_][A-Za-z0-9_]*(\.[^.]+)*$/

const problemOf = (name: string, metric: MetricDefinition): string | undefined => {
  // The name is part of keys in the table and of paths of the query API.
  if (!namePattern.test(name)) return 'a name is a letter, then up to 63 letters, digits or _'
  if (name === accountDescriptor.name)
    return 'this name is taken by the account of events received; choose another'
  if (metric.of.source === 'event' && metric.of.name === '')
    return '"of" is empty; name an event, or use any() or sessions()'
  if (metric.every.length === 0) return '"every" is empty; give at least one of 1m, 5m, 15m, 1h, 1d'
  const badGrain = metric.every.find((grain) => !isGrain(grain))
  if (badGrain !== undefined) return `"every" has ${JSON.stringify(badGrain)}; use 1m, 5m, 15m, 1h or 1d`
  if (hasRepeats(metric.every)) return '"every" names a window twice'
  if (metric.kind !== 'count' && !fieldPattern.test(metric.field)) {
    return `"field" is ${JSON.stringify(metric.field)}; name a field such as properties.revenue`
  }
  const badDimension = metric.by.find((path) => !fieldPattern.test(path))
  if (badDimension !== undefined)
    return `"by" has ${JSON.stringify(badDimension)}; name fields such as geo_country`
  if (hasRepeats(metric.by)) return '"by" names a field twice'
  if (metric.by.length > 5)
    return `"by" has ${metric.by.length} fields; 5 are the most, since each multiplies the cells`
  return undefined
}

const hasRepeats = (items: readonly string[]): boolean => new Set(items).size < items.length
