import { eventKey } from '../event/event-key.ts'
import type { AcceptedEvent, JudgedEvent, MetricFields } from '../event/outcome.ts'
import type { LatestChange } from '../latest/change.ts'
import type { Contribution, MetricDescriptor } from '../metric/contribution.ts'
import { isAddable, toScaled } from '../metric/scaled.ts'
import { Arena } from './arena.ts'
import { laneOf } from './lane-of.ts'
import { encodePack, type FoldSettings, type LaneEvent, maxPackBytes } from './pack.ts'

export type PackedRecord = { readonly lane: number; readonly data: Uint8Array }

export type PackerOptions = {
  readonly lanes: number
  readonly metrics: readonly MetricDescriptor[]
  measure(fields: MetricFields): readonly Contribution[]
  /** What the event says of entities of latest value tables; none when there are no tables. */
  latestOf?(event: AcceptedEvent): readonly LatestChange[]
  /** By which the lanes are to fold what is packed. */
  readonly settings?: FoldSettings
  /** Other than `packLimits`. */
  readonly limits?: PackLimits
}

export type PackLimits = {
  /** A larger row is put aside (see `spill.ts`). */
  readonly maxRowBytes: number
  /** Rows of a pack come to about this before compression. */
  readonly targetRowBytes: number
  /** A pack of several events holds at most this, compressed. */
  readonly maxPackBytes: number
}

/** Even when nothing compresses, a pack of one event has room for it. */
export const maxRowBytes = 160 * 1024

/** Compression makes an eighth of the rows. */
export const packLimits: PackLimits = { maxRowBytes, targetRowBytes: 768 * 1024, maxPackBytes }

/** Gathers the events of a batch by lane, in their order, and packs them. */
export class Packer {
  readonly #options: PackerOptions
  readonly #limits: PackLimits
  #byLane = new Map<number, LaneEvent[]>()
  #rows = new Arena()

  constructor(options: PackerOptions) {
    this.#options = options
    this.#limits = options.limits ?? packLimits
  }

  add(event: JudgedEvent): void {
    const [route, packed] = this.#laneEvent(event)
    const lane = laneOf(route, this.#options.lanes)
    const events = this.#byLane.get(lane)
    if (events === undefined) this.#byLane.set(lane, [packed])
    else events.push(packed)
  }

  /** Everything added since the last call, as lane records. */
  takeRecords(): PackedRecord[] {
    const records: PackedRecord[] = []
    for (const [lane, events] of this.#byLane)
      for (const run of runsOf(events, this.#limits.targetRowBytes))
        for (const data of this.#pack(lane, run)) records.push({ lane, data })
    this.#byLane = new Map()
    this.#rows = new Arena()
    return records
  }

  #laneEvent(event: JudgedEvent): [route: string, packed: LaneEvent] {
    const { origin, receivedAt } = event
    const row = this.#rows.text(event.row)
    if (event.verdict === 'quarantined') {
      const reason = event.bad.reasons[0].code
      // To the lane it would be in if it were accepted: after a deploy it may be. What cannot be read goes by its record.
      const route = event.visitor === '' ? origin.sequenceNumber : event.visitor
      return [route, { verdict: 'quarantined', origin, receivedAt, reason, row }]
    }
    const { visitor, eventTime, session } = event
    const { revenue, ...facts } = session
    const latest = this.#options.latestOf?.(event) ?? []
    return [
      visitor,
      {
        verdict: 'accepted',
        origin,
        receivedAt,
        key: eventKey(visitor, event.eventId),
        visitor,
        eventTime,
        facts,
        revenue: revenue !== 0 && isAddable(revenue) ? toScaled(revenue) : '0',
        contributions: this.#options.measure(event.fields),
        ...(latest.length > 0 && { latest }),
        row,
      },
    ]
  }

  /** Halves what does not compress well enough to fit. */
  #pack(lane: number, events: readonly LaneEvent[]): Uint8Array[] {
    const { lanes, metrics, settings } = this.#options
    const data = encodePack({ kind: 'events', lanes, lane, ...settingsOf(settings), metrics, events })
    if (data.length <= this.#limits.maxPackBytes || events.length === 1) return [data]
    const half = Math.ceil(events.length / 2)
    return [...this.#pack(lane, events.slice(0, half)), ...this.#pack(lane, events.slice(half))]
  }
}

/** Those that packs carry, and no others. */
export const settingsOf = (settings: FoldSettings | undefined): { readonly settings?: FoldSettings } => {
  if (settings === undefined) return {}
  const { gapMs, latenessMs, horizonMs } = settings
  return { settings: { gapMs, latenessMs, horizonMs } }
}

function* runsOf(events: readonly LaneEvent[], targetRowBytes: number): Generator<readonly LaneEvent[]> {
  let start = 0
  let place = 0
  let bytes = 0
  for (const { row } of events) {
    if (place > start && bytes + row.length > targetRowBytes) {
      yield events.slice(start, place)
      start = place
      bytes = 0
    }
    bytes += row.length
    place++
  }
  yield events.slice(start)
}
