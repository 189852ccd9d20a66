import type { MetricFields } from '../event/outcome.ts'
import type { AccumulatorKind, Contribution, MetricDescriptor } from './contribution.ts'
import type { MetricDefinition, Metrics } from './definitions.ts'
import { hash64Hex } from './hash64.ts'
import { isAddable, toScaled } from './scaled.ts'

/** The *map* half of all metrics: pure, and the same for the same fields. */
export type CompiledMetrics = {
  /** What the `metric` of a contribution of an event is an index into. */
  readonly descriptors: readonly MetricDescriptor[]
  measureEvent(fields: MetricFields): Contribution[]
  /** What the `metric` of a contribution of a session is an index into. */
  readonly sessionDescriptors: readonly MetricDescriptor[]
  /** fields: the columns of the table `sessions`. */
  measureSession(fields: MetricFields): Contribution[]
}

/** A longer dimension is cut: its only use is to tell cells apart, and each pane keeps a copy. */
export const maxDimensionLength = 128

type Named = readonly [name: string, metric: MetricDefinition]
type Measure = (fields: MetricFields) => Contribution | undefined

export const compileMetrics = (metrics: Metrics): CompiledMetrics => {
  const named = Object.entries(metrics)
  const ofEvents = named.filter(([, { of }]) => of.source !== 'sessions')
  const ofSessions = named.filter(([, { of }]) => of.source === 'sessions')
  const measuresOfSession = ofSessions.map(([, metric], index) => measureOf(metric, index))
  const measuresOfEvent = selectMeasures(ofEvents)
  return {
    descriptors: ofEvents.map(descriptorOf),
    measureEvent: (fields) => run(measuresOfEvent(fields), fields),
    sessionDescriptors: ofSessions.map(descriptorOf),
    measureSession: (fields) => run(measuresOfSession, fields),
  }
}

/** True for `page` and `screen` calls and for 'Page Viewed' sent as a track call. */
export const isPageView = (fields: MetricFields): boolean => {
  const type = fields.get('type')
  return type === 'page' || type === 'screen' || fields.get('event') === 'Page Viewed'
}

const descriptorOf = ([name, { kind, every, by }]: Named): MetricDescriptor => ({ name, kind, every, by })

/** Which measures concern an event: looked up once by its name, not asked of each metric. */
const selectMeasures = (named: readonly Named[]): ((fields: MetricFields) => readonly Measure[]) => {
  const all = named.map(([, metric], index) => ({ of: metric.of, measure: measureOf(metric, index) }))
  const select = (eventName: unknown, isPage: boolean): readonly Measure[] =>
    all
      .filter(({ of }) => of.source === 'any' || (of.source === 'page' ? isPage : isNamed(of, eventName)))
      .map(({ measure }) => measure)
  const names = named.flatMap(([, { of }]) => (of.source === 'event' ? [of.name] : []))
  const tableOf = (isPage: boolean) => ({
    byName: new Map(names.map((name) => [name, select(name, isPage)])),
    unnamed: select(undefined, isPage),
  })
  const pages = tableOf(true)
  const others = tableOf(false)
  return (fields) => {
    const table = isPageView(fields) ? pages : others
    const name = fields.get('event')
    return (typeof name === 'string' ? table.byName.get(name) : undefined) ?? table.unnamed
  }
}

const isNamed = (of: MetricDefinition['of'], eventName: unknown): boolean =>
  of.source === 'event' && of.name === eventName

const run = (measures: readonly Measure[], fields: MetricFields): Contribution[] => {
  const contributions: Contribution[] = []
  for (const measure of measures) {
    const contribution = measure(fields)
    if (contribution !== undefined) contributions.push(contribution)
  }
  return contributions
}

const measureOf = (definition: MetricDefinition, metric: number): Measure => {
  const { by, where } = definition
  const read = valueReader(definition.kind, definition.field)
  return (fields) => {
    if (where !== undefined && !where(fields)) return undefined
    const value = read(fields)
    return value === undefined ? undefined : { metric, value, dims: dimsOf(by, fields) }
  }
}

/** Several metrics count the same visitor of the same event: hashed once. */
const rememberLast = (compute: (text: string) => string): ((text: string) => string) => {
  let lastText: string | undefined
  let lastResult = ''
  return (text) => {
    if (text !== lastText) {
      lastResult = compute(text)
      lastText = text
    }
    return lastResult
  }
}

const hashOnce = rememberLast(hash64Hex)

type ValueReader = (fields: MetricFields) => number | string | undefined

/** undefined: the event does not have the field, or not in a type that the metric can take. */
const valueReader = (kind: AccumulatorKind, field: string): ValueReader => {
  switch (kind) {
    case 'count':
      return () => 1
    case 'sum':
      return (fields) => {
        const x = numberIn(fields, field)
        return x === undefined ? undefined : toScaled(x)
      }
    case 'min':
    case 'max':
    case 'quantiles':
      return (fields) => numberIn(fields, field)
    case 'unique':
      return (fields) => {
        const value = fields.get(field)
        return value === undefined || value === '' ? undefined : hashOnce(String(value))
      }
  }
}

/** DynamoDB holds no number between 0 and 1e-130; nobody measures one. */
const leastMagnitude = 1e-100

/** Text is no number, even `'12'`: the tracking plan is the place to ask for numbers. */
const numberIn = (fields: MetricFields, field: string): number | undefined => {
  const x = fields.get(field)
  if (typeof x !== 'number' || !isAddable(x)) return undefined
  return Math.abs(x) < leastMagnitude ? 0 : x
}

const dimsOf = (by: readonly string[], fields: MetricFields): readonly string[] =>
  by.length === 0 ? noDims : by.map((path) => dimensionText(fields.get(path)))

const noDims: readonly string[] = []

const dimensionText = (value: string | number | boolean | undefined): string => {
  if (value === undefined) return ''
  const text = typeof value === 'string' ? value : String(value)
  // A cut may leave half a surrogate pair, which UTF-8 could not carry.
  return text.slice(0, maxDimensionLength).toWellFormed()
}
