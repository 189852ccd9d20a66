import type { EpochMs } from '../event/outcome.ts'
import { countWindows, grainMs, isGrain } from '../window/grain.ts'
import type { CatalogueEntry } from './catalogue.ts'
import type { Grain } from './contribution.ts'
import { type MetricQuery, storedGrainFor } from './read.ts'

export type QueryParameters = Readonly<Record<'from' | 'to' | 'grain' | 'by', string | undefined>>

export type ParsedQuery =
  | { readonly ok: true; readonly query: MetricQuery; readonly storedGrain: Grain }
  | { readonly ok: false; readonly error: string }

/** More windows than this make no chart, and each is read from the table. */
export const maxWindows = 5_000

const hourMs = 3_600_000

/** Absent: `to` now, `from` an hour before, the finest `grain` that is stored, `by` every dimension (`by=` none). */
export const parseQuery = (
  metric: CatalogueEntry,
  parameters: QueryParameters,
  nowMs: EpochMs,
): ParsedQuery => {
  const toMs = parseTime(parameters.to, nowMs)
  if (toMs === undefined) return refuse(`to=${parameters.to}: ${timeHint}`)
  const fromMs = parseTime(parameters.from, toMs - hourMs)
  if (fromMs === undefined) return refuse(`from=${parameters.from}: ${timeHint}`)
  if (fromMs >= toMs) return refuse('from must be before to')
  const grain = parameters.grain ?? finest(metric.grains)
  const storedGrain = isGrain(grain) ? storedGrainFor(metric.grains, grain) : undefined
  if (!isGrain(grain) || storedGrain === undefined) {
    return refuse(
      `grain=${grain}: ${metric.name} has ${metric.grains.join(', ')} and what can be merged from them`,
    )
  }
  const windowCount = countWindows(fromMs, toMs, storedGrain)
  if (windowCount > maxWindows) {
    return refuse(
      `${windowCount} windows of ${storedGrain} is more than ${maxWindows}: ask for a shorter range or a wider grain`,
    )
  }
  const by = parameters.by === undefined ? metric.by : parameters.by.split(',').filter((name) => name !== '')
  const unknown = by.find((name) => !metric.by.includes(name))
  if (unknown !== undefined) {
    return refuse(`by=${unknown}: ${metric.name} can be broken down by ${metric.by.join(', ') || 'nothing'}`)
  }
  return { ok: true, query: { metric, grain, fromMs, toMs, by: [...new Set(by)] }, storedGrain }
}

const refuse = (error: string): ParsedQuery => ({ ok: false, error })

const timeHint = 'give ISO 8601 with a zone (2026-11-30T12:00:00Z) or milliseconds since 1970'

/** The range of Date. */
const maxTimeMs = 8.64e15

/** A date and time without a zone would mean the zone of the server, hence is refused. */
const isoWithZone = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d))?$/

const parseTime = (text: string | undefined, otherwise: EpochMs): EpochMs | undefined => {
  if (text === undefined) return otherwise
  const ms = /^-?\d{1,16}$/.test(text) ? Number(text) : isoWithZone.test(text) ? Date.parse(text) : Number.NaN
  return Math.abs(ms) <= maxTimeMs ? ms : undefined
}

const finest = (grains: readonly Grain[]): Grain =>
  [...grains].sort((a, b) => grainMs[a] - grainMs[b])[0] ?? '1m'
