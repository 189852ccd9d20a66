import { verifyControl } from '../../shared/core/event/control.ts'
import { type DecodedItem, decodeRecord } from '../../shared/core/event/decode.ts'
import { type AcceptedEvent, originText, type RawRecord } from '../../shared/core/event/outcome.ts'
import { codes } from './code.ts'
import { SimKeys } from './keys.ts'
import type { FirstPacked, LaneLog } from './lane-log.ts'
import type { SimRecord, SimShard } from './stream.ts'

/** One event of the raw stream, by the naive way. */
export type ExpectedEvent = {
  readonly origin: string
  readonly receivedAt: number
  /** As the code judged it that was first to bring it to its lane. */
  readonly verdict: 'accepted' | 'quarantined'
  /** Why it is a bad row, '' when it is none. */
  readonly reason: string
  /** What its row in the lake must end with; all but the session's id stands in it. */
  readonly row: string
  readonly accepted: AcceptedEvent | undefined
  readonly first: FirstPacked
}

export type Expected = {
  readonly events: ReadonlyMap<string, ExpectedEvent>
  /** The accepted ones by visitor and event id, each group an event and what the lane took for copies of it. */
  readonly copies: readonly (readonly ExpectedEvent[])[]
  /** What is wrong already between the raw stream and the lanes. */
  readonly failures: readonly string[]
}

type Shards = readonly Pick<SimShard, 'id' | 'records'>[]

/** What the raw stream holds, every record once, in any order, judged as the log says. */
export const expectedOf = (raw: Shards, of: { log: LaneLog; retiredMs: number }): Expected => {
  const events = new Map<string, ExpectedEvent>()
  const failures: string[] = []
  for (const shard of raw)
    for (const record of shard.records) {
      const from: RawRecord = { ...record, shardId: shard.id }
      for (const item of eventsOf(record, shard.id, of.retiredMs)) {
        const origin = originText({ ...from, index: item.index })
        const first = of.log.first.get(origin)
        if (first === undefined) failures.push(`${origin} came to no lane`)
        else if (first.code === undefined) failures.push(`${origin} was packed by no code of ours`)
        else events.set(origin, expectedEvent(item, from, first))
      }
    }
  if (of.log.first.size !== events.size)
    failures.push(`the lanes have ${of.log.first.size - events.size} events that nobody sent`)
  return { events, copies: copiesOf([...events.values()]), failures }
}

const expectedEvent = (item: DecodedItem, from: RawRecord, first: FirstPacked): ExpectedEvent => {
  const base = { origin: originText({ ...from, index: item.index }), receivedAt: from.arrivalMs, first }
  const { judge } = first.code ?? codes[0]
  if (item.kind === 'control')
    return {
      ...base,
      verdict: 'quarantined',
      reason: 'forged_control',
      row: String(first.event.row),
      accepted: undefined,
    }
  const judged = judge(item, from)
  return judged.verdict === 'accepted'
    ? { ...base, verdict: 'accepted', reason: '', row: judged.row, accepted: judged }
    : {
        ...base,
        verdict: 'quarantined',
        reason: judged.bad.reasons[0].code,
        row: judged.row,
        accepted: undefined,
      }
}

const decoded = new WeakMap<SimRecord, readonly DecodedItem[]>()

/** The items of a raw record that are to be counted: all but the control records of those who have a key. */
export const eventsOf = (record: SimRecord, shardId: string, retiredMs: number): readonly DecodedItem[] => {
  const known = decoded.get(record)
  if (known !== undefined) return known
  const keys = record.arrivalMs < retiredMs ? [SimKeys.old, SimKeys.new] : [SimKeys.new]
  const { arrivalMs } = record
  const items = decodeRecord({ ...record, shardId }).filter(
    (item) => item.kind !== 'control' || !verifyControl(item.value, { keys, shardId, arrivalMs }).ok,
  )
  decoded.set(record, items)
  return items
}

const copiesOf = (events: readonly ExpectedEvent[]): ExpectedEvent[][] => {
  const byKey = new Map<string, ExpectedEvent[]>()
  for (const event of events) {
    if (event.accepted === undefined) continue
    const key = `${event.accepted.visitor}\n${event.accepted.eventId}`
    const group = byKey.get(key)
    if (group === undefined) byKey.set(key, [event])
    else group.push(event)
  }
  return [...byKey.values()].flatMap(toldApart)
}

const minuteMs = 60_000
const minuteOf = ({ receivedAt }: ExpectedEvent): number => Math.floor(receivedAt / minuteMs)

/**
 * In the order of the lane: a copy when one that was accepted arrived, by whole minutes, within the horizon of the
 * event's own pack, and the marks so far have not made the lane forget it.
 */
const toldApart = (events: readonly ExpectedEvent[]): ExpectedEvent[][] => {
  const groups: ExpectedEvent[][] = []
  let seen = Number.NEGATIVE_INFINITY
  for (const event of [...events].sort((a, b) => a.first.place - b.first.place)) {
    const { firstMinute, horizonMs } = event.first
    if (seen < firstMinute) seen = Number.NEGATIVE_INFINITY
    if (Math.abs(minuteOf(event) - seen) * minuteMs <= horizonMs) groups.at(-1)?.push(event)
    else {
      groups.push([event])
      seen = Math.max(seen, minuteOf(event))
    }
  }
  return groups
}
