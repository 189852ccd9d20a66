import { eventKey } from '../event/event-key.ts'
import type { AcceptedEvent, JudgedEvent, MetricFields } from '../event/outcome.ts'
import type { LatestChange } from '../latest/change.ts'
import type { Contribution, MetricDescriptor } from '../metric/contribution.ts'
import { isAddable, toScaled } from '../metric/scaled.ts'
import { Arena } from './arena.ts'
import { laneOf } from './lane-of.ts'
import {
  decodePack,
  type EventsPack,
  encodeEvents,
  encodePack,
  type FoldSettings,
  type LaneEvent,
  maxPackBytes,
} from './pack.ts'
import { PackWriter } from './pack-events.ts'

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

/**
 * Compression makes an eighth of the rows, so that what a batch has for a lane mostly is one pack; what does not compress so well is
 * halved.
 */
export const packLimits: PackLimits = { maxRowBytes, targetRowBytes: 1_536 * 1024, maxPackBytes }

/** Gathers the events of a batch by lane, in their order, and packs them. */
export class Packer {
  readonly #options: PackerOptions
  readonly #limits: PackLimits
  #byLane = new Map<number, PackWriter[]>()
  readonly #rows = new Arena()

  constructor(options: PackerOptions) {
    this.#options = options
    this.#limits = options.limits ?? packLimits
  }

  add(event: JudgedEvent): void {
    const [route, packed] = this.#laneEvent(event)
    const lane = laneOf(route, this.#options.lanes)
    this.#writerOf(lane, packed.row.length).add(packed)
  }

  /** Everything added since the last call, as lane records. */
  takeRecords(): PackedRecord[] {
    const records: PackedRecord[] = []
    for (const [lane, writers] of this.#byLane)
      for (const writer of writers) for (const data of this.#pack(lane, writer)) records.push({ lane, data })
    this.#byLane = new Map()
    this.#rows.release()
    return records
  }

  /** The one that the next row of a lane goes to. */
  #writerOf(lane: number, rowBytes: number): PackWriter {
    let writers = this.#byLane.get(lane)
    if (writers === undefined) {
      writers = []
      this.#byLane.set(lane, writers)
    }
    const last = writers.at(-1)
    if (last !== undefined && last.rowBytes + rowBytes <= this.#limits.targetRowBytes) return last
    const writer = new PackWriter()
    writers.push(writer)
    return writer
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
    const { revenue } = session
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
        facts: session,
        revenue: revenue !== 0 && isAddable(revenue) ? toScaled(revenue) : '0',
        contributions: this.#options.measure(event.fields),
        ...(latest.length > 0 && { latest }),
        row,
      },
    ]
  }

  #pack(lane: number, writer: PackWriter): Uint8Array[] {
    const { lanes, metrics, settings } = this.#options
    const of = { kind: 'events', lanes, lane, ...settingsOf(settings), metrics } as const
    const data = encodeEvents(of, writer)
    if (data.length <= this.#limits.maxPackBytes) return [data]
    const pack = decodePack(data)
    return pack.kind === 'events' && pack.events.length > 1 ? this.#halve(pack) : [data]
  }

  /** What does not compress well enough to fit. */
  #halve(pack: EventsPack): Uint8Array[] {
    const middle = Math.ceil(pack.events.length / 2)
    const halves = [pack.events.slice(0, middle), pack.events.slice(middle)]
    return halves.flatMap((events) => {
      const half = { ...pack, events }
      const data = encodePack(half)
      return data.length <= this.#limits.maxPackBytes || events.length === 1 ? [data] : this.#halve(half)
    })
  }
}

/** Those that packs carry, and no others. */
export const settingsOf = (settings: FoldSettings | undefined): { readonly settings?: FoldSettings } => {
  if (settings === undefined) return {}
  const { gapMs, latenessMs, horizonMs } = settings
  return { settings: { gapMs, latenessMs, horizonMs } }
}
