import { verifyControl } from '../../shared/core/event/control.ts'
import { decodeRecord } from '../../shared/core/event/decode.ts'
import { createJudge } from '../../shared/core/event/judge.ts'
import { type AcceptedEvent, originText } from '../../shared/core/event/outcome.ts'
import { accumulators } from '../../shared/core/metric/accumulators.ts'
import { type CompiledMetrics, compileMetrics } from '../../shared/core/metric/compile.ts'
import type { Contribution, MetricDescriptor } from '../../shared/core/metric/contribution.ts'
import { cellKey } from '../../shared/core/metric/pane.ts'
import { sessionFields } from '../../shared/core/session/session-row.ts'
import { windowStart } from '../../shared/core/window/grain.ts'
import { simulatedMetrics } from './metrics.ts'
import type { SimShard } from './stream.ts'
import { settings } from './world.ts'

export type Expected = {
  readonly received: number
  readonly quarantined: ReadonlySet<string>
  /** By visitor and event id, each group the copies of one event within the horizon: one of them is to be accepted. */
  readonly copies: readonly (readonly AcceptedEvent[])[]
}

const judge = createJudge({ plan: [], countryOf: () => '' })

/** What the raw stream holds, by the naive way: every record once, in any order. */
export const expectedOf = (raw: {
  readonly shards: readonly Pick<SimShard, 'id' | 'records'>[]
}): Expected => {
  const quarantined = new Set<string>()
  const groups = new Map<string, AcceptedEvent[]>()
  let received = 0
  for (const shard of raw.shards)
    for (const record of shard.records) {
      const from = { ...record, shardId: shard.id }
      for (const item of decodeRecord(from)) {
        if (item.kind === 'control') {
          const { ok } = verifyControl(item.value, {
            key: 'simulated',
            shardId: shard.id,
            arrivalMs: record.arrivalMs,
          })
          if (ok) continue
          quarantined.add(originText({ ...from, index: item.index }))
          received++
          continue
        }
        received++
        const judged = judge(item, from)
        if (judged.verdict === 'quarantined') quarantined.add(originText(judged.origin))
        else {
          const key = `${judged.visitor}\n${judged.eventId}`
          groups.set(key, [...(groups.get(key) ?? []), judged])
        }
      }
    }
  return { received, quarantined, copies: [...groups.values()].flatMap(withinHorizon) }
}

const withinHorizon = (events: readonly AcceptedEvent[]): AcceptedEvent[][] => {
  const groups: AcceptedEvent[][] = []
  for (const event of [...events].sort((a, b) => a.receivedAt - b.receivedAt)) {
    const group = groups.at(-1)
    const first = group?.[0]
    if (
      group !== undefined &&
      first !== undefined &&
      event.receivedAt - first.receivedAt <= settings.horizonMs
    )
      group.push(event)
    else groups.push([event])
  }
  return groups
}

export type NaiveSession = {
  readonly visitor: string
  readonly start: number
  readonly end: number
  readonly events: number
  readonly pageViews: number
  /** Millionths. */
  readonly revenue: bigint
}

/** Sort, scan: a silence above the gap starts the next session. */
export const sessionsOf = (events: readonly AcceptedEvent[]): NaiveSession[] => {
  const sorted = [...events].sort((a, b) =>
    a.visitor === b.visitor ? a.eventTime - b.eventTime : a.visitor < b.visitor ? -1 : 1,
  )
  const sessions: NaiveSession[] = []
  for (const event of sorted) {
    const one: NaiveSession = {
      visitor: event.visitor,
      start: event.eventTime,
      end: event.eventTime,
      events: 1,
      pageViews: event.session.isPageView ? 1 : 0,
      revenue: BigInt(Math.round(event.session.revenue * 1e6)),
    }
    const last = sessions.at(-1)
    if (last?.visitor === one.visitor && one.start - last.end <= settings.gapMs)
      sessions.push(joined(sessions.pop() ?? one, one))
    else sessions.push(one)
  }
  return sessions
}

export const joined = (a: NaiveSession, b: NaiveSession): NaiveSession => ({
  visitor: a.visitor,
  start: Math.min(a.start, b.start),
  end: Math.max(a.end, b.end),
  events: a.events + b.events,
  pageViews: a.pageViews + b.pageViews,
  revenue: a.revenue + b.revenue,
})

const metrics: CompiledMetrics = compileMetrics(simulatedMetrics)

/** `metric grain windowStart cell` → encoded state. */
export type NaivePanes = Map<string, string>

export const eventPanes = (events: readonly AcceptedEvent[]): NaivePanes => {
  const groups = new Map<string, Grouped>()
  for (const event of events)
    group(groups, metrics.descriptors, metrics.measureEvent(event.fields), event.eventTime)
  return encoded(groups)
}

export const sessionPanes = (rows: readonly Record<string, string | number | boolean>[]): NaivePanes => {
  const groups = new Map<string, Grouped>()
  for (const row of rows) {
    const start = Date.parse(`${String(row.started_at).replace(' ', 'T')}Z`)
    group(groups, metrics.sessionDescriptors, metrics.measureSession(sessionFields(row)), start)
  }
  return encoded(groups)
}

type Grouped = { readonly kind: MetricDescriptor['kind']; readonly values: (number | string)[] }

const group = (
  groups: Map<string, Grouped>,
  descriptors: readonly MetricDescriptor[],
  contributions: readonly Contribution[],
  time: number,
): void => {
  for (const { metric, value, dims } of contributions) {
    const descriptor = descriptors[metric]
    if (descriptor === undefined) throw new Error(`no metric ${metric}`)
    for (const grain of descriptor.every) {
      const key = `${descriptor.name} ${grain} ${windowStart(time, grain)} ${cellKey(dims)}`
      const known = groups.get(key) ?? { kind: descriptor.kind, values: [] }
      known.values.push(value)
      groups.set(key, known)
    }
  }
}

const encoded = (groups: Map<string, Grouped>): NaivePanes =>
  new Map(
    [...groups].map(([key, { kind, values }]) => {
      const accumulator = accumulators[kind]
      const state = values.reduce(
        (total: unknown, value) => accumulator.add(total, value),
        accumulator.empty(),
      )
      return [key, String(accumulator.encode(state))]
    }),
  )
