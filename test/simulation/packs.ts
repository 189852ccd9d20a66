import { decodePack, type LanePack } from '../../shared/core/lane/pack.ts'
import type { SimRecord } from './stream.ts'

/** Under this partition key somebody writes into the lane stream what is no pack. */
export const garbageKey = 'garbage'

const known = new WeakMap<Uint8Array, LanePack>()

/** Lane records as checks read them: each decoded once. */
export const packOf = (data: Uint8Array): LanePack => {
  const pack = known.get(data) ?? decodePack(data)
  known.set(data, pack)
  return pack
}

/** The pack of a record of the lane stream; undefined when it is garbage. */
export const packIn = ({ partitionKey, data }: SimRecord): LanePack | undefined =>
  partitionKey === garbageKey ? undefined : packOf(data)
