import { beforeEach, describe, expect, it } from 'vitest'
import { plan } from '../../../analytics/plan/plan.ts'
import { type RawShard, signControl } from '../../../shared/core/event/control.ts'
import { type EnrichContext, enrichBatch } from '../../../shared/core/event/enrich-batch.ts'
import { createJudge } from '../../../shared/core/event/judge.ts'
import type { RawRecord } from '../../../shared/core/event/outcome.ts'
import { laneHashKey, laneOf } from '../../../shared/core/lane/lane-of.ts'
import { decodePack, type LaneEvent, type LanePack, packVersion } from '../../../shared/core/lane/pack.ts'
import { rawShard, sequence } from '../../support/lane-events.ts'
import { arrivalMs, pageCall, rawRecord } from '../../support/raw-records.ts'
import { rowByColumn } from '../../support/row-by-column.ts'

const controlKey = 'secret'
const lanes = 2
const shards: RawShard[] = [{ id: rawShard, parents: [], open: true }]

let effects: string[]
let packs: LanePack[]
let overflow: { key: string; row: string }[]

beforeEach(() => {
  effects = []
  packs = []
  overflow = []
})

/** Says when a call begins and when it is answered, some turns of the loop later. */
const slowly = async (effect: string): Promise<void> => {
  effects.push(effect)
  await new Promise((resolve) => setImmediate(resolve))
  effects.push(`${effect}: done`)
}

const eventsIn = (pack: LanePack): readonly LaneEvent[] => (pack.kind === 'events' ? pack.events : [])

const idsIn = (pack: LanePack): string[] =>
  eventsIn(pack).map(({ row }) => rowByColumn(row).event_id ?? 'bad row')

const titleOf = (pack: LanePack): string =>
  pack.kind === 'events' ? idsIn(pack).join(' ') : `${pack.kind} to lane ${pack.lane}`

const context = (of: Partial<EnrichContext> = {}): EnrichContext => ({
  lanes,
  metrics: [],
  measure: () => [],
  judge: createJudge({ plan: [], countryOf: () => '' }),
  controlKeys: [controlKey],
  async putLaneRecords(records) {
    const put = records.map(({ data }) => decodePack(data))
    await slowly(`put ${put.map(titleOf).join(', ')}`)
    packs.push(...put)
  },
  async putOverflow(spilled) {
    await slowly('put overflow')
    overflow.push(spilled)
  },
  ...of,
})

/** Record number n of the shard, a second after the one before it. */
const record = (n: number, content: unknown): RawRecord => ({
  ...rawRecord(content),
  shardId: rawShard,
  sequenceNumber: sequence(n),
  arrivalMs: arrivalMs + n * 1_000,
})
const event = (n: number, id: string) => record(n, pageCall({ messageId: id }))
const punctuation = (n: number, key = controlKey) =>
  record(n, signControl({ weir: 'punctuation', shard: rawShard, issuedAt: arrivalMs, shards }, key))
const flush = (n: number, id = 'flush-1') =>
  record(n, signControl({ weir: 'flush', id, shard: rawShard, issuedAt: arrivalMs, shards }, controlKey))

const markToAll = 'put mark to lane 0, mark to lane 1'
const flushToAll = 'put flush to lane 0, flush to lane 1'

describe('enrichBatch', () => {
  it('puts a mark when every pack of its batch is acknowledged, those behind it too', async () => {
    await enrichBatch([event(1, 'a'), punctuation(2), event(3, 'b')], context())
    expect(effects).toEqual(['put a b', 'put a b: done', markToAll, `${markToAll}: done`])
  })

  it('returns when the last pack is acknowledged', async () => {
    await enrichBatch([event(1, 'a')], context())
    expect(effects).toEqual(['put a', 'put a: done'])
  })

  it('puts only the last of several marks, which says how far the shard was there', async () => {
    await enrichBatch([punctuation(1), event(2, 'a'), punctuation(3), event(4, 'b')], context())
    expect(packs.filter(({ kind }) => kind === 'mark')).toEqual(
      [0, 1].map((lane) => ({
        v: packVersion,
        kind: 'mark',
        lanes,
        lane,
        shard: rawShard,
        through: sequence(3),
        arrival: arrivalMs + 3_000,
        issuedAt: arrivalMs,
        shards,
      })),
    )
  })

  it('lets nothing pass a flush, in either direction', async () => {
    await enrichBatch([event(1, 'a'), flush(2), event(3, 'b')], context())
    expect(effects).toEqual([
      'put a',
      'put a: done',
      flushToAll,
      `${flushToAll}: done`,
      'put b',
      'put b: done',
    ])
    expect(packs[1]).toMatchObject({
      id: 'flush-1',
      origin: { shardId: rawShard, sequenceNumber: sequence(2), index: 0 },
      receivedAt: arrivalMs + 2_000,
      shards,
    })
  })

  it('acts on every flush of a batch', async () => {
    await enrichBatch([flush(1, 'first'), flush(2, 'second')], context())
    expect(packs.map((pack) => pack.kind === 'flush' && pack.id)).toEqual([
      'first',
      'first',
      'second',
      'second',
    ])
  })

  it.each([
    ['under another key', punctuation(1, 'guessed')],
    ['that was caught and sent again later', { ...punctuation(1), arrivalMs: arrivalMs + 3_600_000 }],
    ['of another shard', { ...punctuation(1), shardId: 'shardId-000000000009' }],
    ['that is no control', record(1, { weir: 'stop' })],
  ])('makes a bad row of a control record %s', async (_, forged) => {
    const result = await enrichBatch([forged], context())
    expect(result).toMatchObject({ accepted: 0, quarantined: 1, controls: 0 })
    expect(packs.flatMap(eventsIn)).toMatchObject([{ verdict: 'quarantined', reason: 'forged_control' }])
    expect(packs.map(({ kind }) => kind)).toEqual(['events'])
  })

  it('keeps what is too large before it puts the pack that names it', async () => {
    const large = record(1, pageCall({ properties: { title: 'x'.repeat(200 * 1024) } }))
    await enrichBatch([large], context())
    expect(effects).toEqual(['put overflow', 'put overflow: done', 'put bad row', 'put bad row: done'])
    const keys = overflow.map(({ key }) => key)
    expect(keys).toEqual([expect.stringContaining(`overflow/${rawShard}:${sequence(1)}:0-`)])
    expect(packs.flatMap(eventsIn).map(({ row }) => rowByColumn(row).payload_key)).toEqual(keys)
  })

  it('keeps many that are too large sixteen at a time, all of them before the pack', async () => {
    const title = 'x'.repeat(200 * 1024)
    const large = Array.from({ length: 40 }, (_, n) => record(n + 1, pageCall({ properties: { title } })))
    let running = 0
    let most = 0
    const putOverflow: EnrichContext['putOverflow'] = async (spilled) => {
      most = Math.max(most, ++running)
      await slowly('put overflow')
      overflow.push(spilled)
      running--
    }
    await enrichBatch(large, context({ putOverflow }))
    expect(most).toBe(16)
    expect(new Set(overflow.map(({ key }) => key)).size).toBe(40)
    expect(effects.lastIndexOf('put overflow: done')).toBeLessThan(
      effects.findIndex((e) => e.includes('bad row')),
    )
  })

  it('puts no pack whose overflow was not kept', async () => {
    const large = record(1, pageCall({ properties: { title: 'x'.repeat(200 * 1024) } }))
    const putOverflow = () => Promise.reject(new Error('slow down'))
    await expect(enrichBatch([large], context({ putOverflow }))).rejects.toThrow('slow down')
    expect(effects).toEqual([])
  })

  it('puts no mark when a pack was not taken', async () => {
    let calls = 0
    const putLaneRecords = () => {
      calls++
      return Promise.reject(new Error('slow down'))
    }
    const batch = [event(1, 'a'), punctuation(2)]
    await expect(enrichBatch(batch, context({ putLaneRecords }))).rejects.toThrow('slow down')
    expect(calls).toBe(1)
  })

  it('sends an event to the lane of its visitor, by the hash key of the lane', async () => {
    const put: { partitionKey: string; explicitHashKey: string }[] = []
    const putLaneRecords: EnrichContext['putLaneRecords'] = async (records) => void put.push(...records)
    for (const anonymousId of ['anna', 'bert', 'cleo', 'dora'])
      await enrichBatch([record(1, pageCall({ anonymousId }))], context({ putLaneRecords }))
    const wanted = ['anna', 'bert', 'cleo', 'dora'].map((id) => laneOf(`a:${id}`, lanes))
    expect(new Set(wanted).size).toBe(2)
    expect(put.map(({ partitionKey }) => partitionKey)).toEqual(wanted.map((lane) => `lane-${lane}`))
    expect(put.map(({ explicitHashKey }) => explicitHashKey)).toEqual(
      wanted.map((lane) => laneHashKey(lane, lanes)),
    )
  })

  it('counts what it made of the records', async () => {
    const batch = [event(1, 'a'), record(2, 'not json'), punctuation(3), flush(4), punctuation(5)]
    const result = await enrichBatch(batch, context())
    expect(result).toEqual({ records: 5, accepted: 1, quarantined: 1, controls: 3, packs: packs.length })
  })

  it('puts nothing for no records', async () => {
    const result = await enrichBatch([], context())
    expect(result).toEqual({ records: 0, accepted: 0, quarantined: 0, controls: 0, packs: 0 })
    expect(effects).toEqual([])
  })
})

it('packs an event that the plan refuses for the lane it would be in if the plan took it', async () => {
  const order = record(1, {
    type: 'track',
    event: 'Order Completed',
    messageId: 'm',
    anonymousId: 'ana',
    properties: {},
  })
  const laneWith = async (specs: typeof plan) => {
    const lanes: number[] = []
    await enrichBatch([order], {
      ...context({ judge: createJudge({ plan: specs, countryOf: () => '' }) }),
      putLaneRecords: async (records) => {
        for (const { data } of records) lanes.push(decodePack(data).lane)
      },
    })
    return lanes
  }
  expect(await laneWith(plan)).toEqual(await laneWith([]))
})
