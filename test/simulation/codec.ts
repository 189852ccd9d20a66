import type { ZstdOptions } from 'node:zlib'
import * as zlib from 'node:zlib'

/**
 * Stands in for node:zlib in the bundle of the simulation: what was compressed in this run is not decompressed again.
 * In a store of the simulation no byte changes, and setting up the decompressor takes a fifth of a run.
 */
export const { constants, gunzipSync, gzipSync } = zlib

const plain = new WeakMap<Uint8Array, Buffer>()

export const zstdCompressSync = (data: string | Uint8Array, options?: ZstdOptions): Buffer => {
  const bytes = zlib.zstdCompressSync(data, options)
  plain.set(bytes, Buffer.from(data))
  return bytes
}

export const zstdDecompressSync = (bytes: Uint8Array, options?: ZstdOptions): Buffer =>
  plain.get(bytes) ?? zlib.zstdDecompressSync(bytes, options)
