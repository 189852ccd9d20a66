import { originOf, quarantineControl } from '../bad-row/quarantine.ts'
import { laneHashKey } from '../lane/lane-of.ts'
import { encodePack, type FlushPack, type LanePack, type MarkPack } from '../lane/pack.ts'
import { type PackedRecord, Packer, type PackerOptions, settingsOf } from '../lane/packer.ts'
import { type Flush, type Punctuation, verifyControl } from './control.ts'
import { type DecodedItem, decodeRecord } from './decode.ts'
import type { Judge } from './judge.ts'
import type { JudgedEvent, RawRecord } from './outcome.ts'
import { isTooLong, type Spilled, spill } from './spill.ts'

export type EnrichPorts = {
  /** Returns when every record is in the lane stream. */
  putLaneRecords(
    records: readonly {
      readonly data: Uint8Array
      readonly partitionKey: string
      readonly explicitHashKey: string
    }[],
  ): Promise<unknown>
  /** Keeps what is too large for a lane record, under a key that depends on its origin and content alone. */
  putOverflow(overflow: Spilled): Promise<void>
}

export type EnrichContext = EnrichPorts &
  PackerOptions & {
    readonly judge: Judge
    /** Control records are taken when signed with any of them. */
    readonly controlKeys: readonly string[]
  }

export type EnrichResult = {
  readonly records: number
  readonly accepted: number
  readonly quarantined: number
  readonly controls: number
  readonly packs: number
}

/**
 * A batch of one raw shard, in its order: decode → judge → measure → pack → put. Returns when every pack is
 * acknowledged; a fault throws, and the batch comes again: the lanes know a redelivery by its origin.
 */
export const enrichBatch = async (
  records: readonly RawRecord[],
  context: EnrichContext,
): Promise<EnrichResult> => {
  const shipment = new Shipment(context)
  const count = { accepted: 0, quarantined: 0, controls: 0 }
  let mark: Omit<MarkPack, 'lane'> | undefined
  for (const record of records) {
    for (const item of decodeRecord(record)) {
      const control = item.kind === 'control' ? verifiedControl(item, record, context.controlKeys) : undefined
      if (control === undefined) {
        const event = judgeItem(item, record, context.judge)
        count[event.verdict]++
        shipment.add(event)
      } else if (control.weir === 'flush') {
        count.controls++
        // Before what follows it in the shard: the lanes close what was folded before it.
        await shipment.flush(flushOf(control, item, record, context.lanes))
      } else {
        count.controls++
        mark = markOf(control, record, context.lanes)
      }
    }
  }
  await shipment.send()
  // After every pack of the records before it is acknowledged. Of several marks the last says all.
  if (mark !== undefined) await shipment.toEveryLane(mark)
  return { records: records.length, ...count, packs: shipment.packs }
}

const verifiedControl = (
  item: Extract<DecodedItem, { kind: 'control' }>,
  record: RawRecord,
  keys: readonly string[],
): Punctuation | Flush | undefined => {
  const verified = verifyControl(item.value, { keys, shardId: record.shardId, arrivalMs: record.arrivalMs })
  return verified.ok ? verified.control : undefined
}

const judgeItem = (item: DecodedItem, record: RawRecord, judge: Judge): JudgedEvent => {
  if (item.kind !== 'control') return judge(item, record)
  return quarantineControl(
    item,
    record,
    'looks like a control record and is not signed for this shard and time',
  )
}

const markOf = (control: Punctuation, record: RawRecord, lanes: number): Omit<MarkPack, 'lane'> => ({
  kind: 'mark',
  lanes,
  shard: record.shardId,
  through: record.sequenceNumber,
  arrival: record.arrivalMs,
  issuedAt: control.issuedAt,
  shards: control.shards,
})

const flushOf = (
  control: Flush,
  item: DecodedItem,
  record: RawRecord,
  lanes: number,
): Omit<FlushPack, 'lane'> => ({
  kind: 'flush',
  lanes,
  id: control.id,
  origin: originOf(item, record),
  receivedAt: record.arrivalMs,
  shards: control.shards,
})

/** Each holds a connection and its row: a batch of nothing but large events has hundreds. */
const overflowsAtOnce = 16

/** What is on its way to the lanes. */
class Shipment {
  packs = 0
  readonly #context: EnrichContext
  readonly #packer: Packer
  #spilled: Spilled[] = []

  constructor(context: EnrichContext) {
    this.#context = context
    this.#packer = new Packer(context)
  }

  add(event: JudgedEvent): void {
    if (!isTooLong(event.row, this.#context.limits?.maxRowBytes)) {
      this.#packer.add(event)
      return
    }
    const { overflow, event: lighter } = spill(event)
    this.#spilled.push(overflow)
    this.#packer.add(lighter)
  }

  async send(): Promise<void> {
    // A row must not name an object that is not there.
    await this.#putSpilled()
    await this.#put(this.#packer.takeRecords())
  }

  async flush(flush: Omit<FlushPack, 'lane'>): Promise<void> {
    await this.send()
    await this.toEveryLane(flush)
  }

  async toEveryLane(pack: Omit<MarkPack, 'lane'> | Omit<FlushPack, 'lane'>): Promise<void> {
    const lanes = Array.from({ length: this.#context.lanes }, (_, lane) => lane)
    const settings = settingsOf(this.#context.settings)
    await this.#put(
      lanes.map((lane) => ({ lane, data: encodePack({ ...pack, lane, ...settings } satisfies LanePack) })),
    )
  }

  async #putSpilled(): Promise<void> {
    for (let at = 0; at < this.#spilled.length; at += overflowsAtOnce) {
      const some = this.#spilled.slice(at, at + overflowsAtOnce)
      await Promise.all(some.map((overflow) => this.#context.putOverflow(overflow)))
    }
    this.#spilled = []
  }

  async #put(packed: readonly PackedRecord[]): Promise<void> {
    if (packed.length === 0) return
    this.packs += packed.length
    await this.#context.putLaneRecords(
      packed.map(({ lane, data }) => ({
        data,
        partitionKey: `lane-${lane}`,
        explicitHashKey: laneHashKey(lane, this.#context.lanes),
      })),
    )
  }
}
