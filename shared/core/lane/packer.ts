import { eventKey } from '../event/event-key.ts'
import type { JudgedEvent, MetricFields } from '../event/outcome.ts'
import type { Contribution, MetricDescriptor } from '../metric/contribution.ts'
import { isAddable, toScaled } from '../metric/scaled.ts'
import { laneOf } from './lane-of.ts'
import { encodePack, type LaneEvent, maxPackBytes } from './pack.ts'

export type PackedRecord = { readonly lane: number; readonly data: Uint8Array }

export type PackerOptions = {
  readonly lanes: number
  readonly metrics: readonly MetricDescriptor[]
  measure(fields: MetricFields): readonly Contribution[]
}

/** Rows of a pack come to about this before compression, which makes an eighth of it. */
const targetRowBytes = 768 * 1024

/** A larger row is put aside (see `spill.ts`): even when nothing compresses, a pack of one event has room for it. */
export const maxRowBytes = 160 * 1024

/** Gathers the events of a batch by lane, in their order, and packs them. */
export class Packer {
  readonly #options: PackerOptions
  #byLane = new Map<number, LaneEvent[]>()

  constructor(options: PackerOptions) {
    this.#options = options
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
      for (const run of runsOf(events)) for (const data of this.#pack(lane, run)) records.push({ lane, data })
    this.#byLane = new Map()
    return records
  }

  #laneEvent(event: JudgedEvent): [route: string, packed: LaneEvent] {
    const { origin, receivedAt, row } = event
    if (event.verdict === 'quarantined') {
      const reason = event.bad.reasons[0].code
      // To the lane it would be in if it were accepted: after a deploy it may be. What cannot be read goes by its record.
      const route = event.visitor === '' ? origin.sequenceNumber : event.visitor
      return [route, { verdict: 'quarantined', origin, receivedAt, reason, row }]
    }
    const { visitor, eventTime, session } = event
    const { revenue, ...facts } = session
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
        row,
      },
    ]
  }

  /** Halves what does not compress well enough to fit. */
  #pack(lane: number, events: readonly LaneEvent[]): Uint8Array[] {
    const { lanes, metrics } = this.#options
    const data = encodePack({ kind: 'events', lanes, lane, metrics, events })
    if (data.length <= maxPackBytes || events.length === 1) return [data]
    const half = Math.ceil(events.length / 2)
    return [...this.#pack(lane, events.slice(0, half)), ...this.#pack(lane, events.slice(half))]
  }
}

function* runsOf(events: readonly LaneEvent[]): Generator<readonly LaneEvent[]> {
  let start = 0
  let bytes = 0
  for (const [place, event] of events.entries()) {
    if (place > start && bytes + event.row.length > targetRowBytes) {
      yield events.slice(start, place)
      start = place
      bytes = 0
    }
    bytes += event.row.length
  }
  yield events.slice(start)
}
