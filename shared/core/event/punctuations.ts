import { signControl, type UnsignedControl } from './control.ts'
import type { EpochMs } from './outcome.ts'

type Shard = {
  readonly id: string
  readonly parents: readonly string[]
  readonly open: boolean
  readonly startingHashKey: string
}

type ControlRecordToPut = {
  readonly data: Uint8Array
  readonly partitionKey: string
  readonly explicitHashKey: string
}

/** A signed punctuation for each open shard; its hash key leads it there. */
export const punctuations = (
  shards: readonly Shard[],
  by: { readonly key: string; readonly issuedAt: EpochMs },
): ControlRecordToPut[] =>
  toOpenShards(shards, by.key, (shard, listed) => ({
    weir: 'punctuation',
    shard,
    issuedAt: by.issuedAt,
    shards: listed,
  }))

/** A signed flush for each open shard: the lanes act when they have it from all of them. */
export const flushes = (
  shards: readonly Shard[],
  by: { readonly key: string; readonly issuedAt: EpochMs; readonly id: string },
): ControlRecordToPut[] =>
  toOpenShards(shards, by.key, (shard, listed) => ({
    weir: 'flush',
    id: by.id,
    shard,
    issuedAt: by.issuedAt,
    shards: listed,
  }))

const toOpenShards = (
  shards: readonly Shard[],
  key: string,
  control: (
    shard: string,
    listed: readonly { id: string; parents: readonly string[]; open: boolean }[],
  ) => UnsignedControl,
): ControlRecordToPut[] => {
  const listed = shards.map(({ id, parents, open }) => ({ id, parents, open }))
  return shards
    .filter(({ open }) => open)
    .map(({ id, startingHashKey }) => ({
      data: Buffer.from(JSON.stringify(signControl(control(id, listed), key))),
      partitionKey: id,
      explicitHashKey: startingHashKey,
    }))
}
