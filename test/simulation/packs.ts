import { decodePack, type LanePack } from '../../shared/core/lane/pack.ts'

const known = new WeakMap<Uint8Array, LanePack>()

/** Lane records as checks read them: each decoded once. */
export const packOf = (data: Uint8Array): LanePack => {
  const pack = known.get(data) ?? decodePack(data)
  known.set(data, pack)
  return pack
}
