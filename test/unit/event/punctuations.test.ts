import { describe, expect, it } from 'vitest'
import { type ControlRecord, verifyControl } from '../../../shared/core/event/control.ts'
import { flushes, punctuations } from '../../../shared/core/event/punctuations.ts'

const issuedAt = Date.UTC(2026, 10, 20)
const key = 'secret'

/** A shard that was split in two. */
const shards = [
  { id: 'shard-0', parents: [], open: false, startingHashKey: '0' },
  { id: 'shard-1', parents: ['shard-0'], open: true, startingHashKey: '0' },
  {
    id: 'shard-2',
    parents: ['shard-0'],
    open: true,
    startingHashKey: '170141183460469231731687303715884105728',
  },
]
const listed = [
  { id: 'shard-0', parents: [], open: false },
  { id: 'shard-1', parents: ['shard-0'], open: true },
  { id: 'shard-2', parents: ['shard-0'], open: true },
]

/** What arrives through the shard, when it is what it claims to be. */
const received = ({ data }: { data: Uint8Array }, shardId: string): ControlRecord => {
  const verified = verifyControl(JSON.parse(Buffer.from(data).toString('utf8')), {
    keys: [key],
    shardId,
    arrivalMs: issuedAt,
  })
  if (!verified.ok) throw new Error(verified.reason)
  return verified.control
}

describe.each([
  ['punctuations', () => punctuations(shards, { key, issuedAt }), { weir: 'punctuation' }],
  ['flushes', () => flushes(shards, { key, issuedAt, id: 'flush-1' }), { weir: 'flush', id: 'flush-1' }],
] as const)('%s', (_, make, kind) => {
  it('go to every open shard and to no closed one, by its hash key', () => {
    expect(make().map(({ explicitHashKey }) => explicitHashKey)).toEqual([
      '0',
      '170141183460469231731687303715884105728',
    ])
  })

  it('are signed for their shard and list every shard, closed ones and parents too', () => {
    const [first, second] = make()
    if (first === undefined || second === undefined) throw new Error('two shards are open')
    expect(received(first, 'shard-1')).toMatchObject({ ...kind, shard: 'shard-1', issuedAt, shards: listed })
    expect(received(second, 'shard-2')).toMatchObject({ ...kind, shard: 'shard-2', issuedAt, shards: listed })
    expect(() => received(first, 'shard-2')).toThrow('issued for another shard')
  })

  it('begin with the key by which enrich knows them', () => {
    for (const { data } of make()) expect(Buffer.from(data).toString('utf8')).toMatch(/^{"weir":/)
  })
})
