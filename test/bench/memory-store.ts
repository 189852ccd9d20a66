import type { ObjectStore, StoredObject } from '../../shared/core/lane/ports.ts'

/** S3 in memory, with its compare-and-set, that counts what it is given. */
export class MemoryStore implements ObjectStore {
  readonly objects = new Map<string, StoredObject>()
  /** Manifests that took the place of others. */
  commits = 0
  bytesPut = 0
  puts = 0
  bytesRead = 0
  readonly #taken: (what: 'commit') => void
  #etags = 0

  /** taken: called before each write, which costs nothing. */
  constructor(taken: (what: 'commit') => void = () => {}) {
    this.#taken = taken
  }

  /** Of all that stands in it. */
  get bytes(): number {
    let bytes = 0
    for (const object of this.objects.values()) bytes += object.bytes.length
    return bytes
  }

  async get(key: string, knownEtag?: string) {
    const found = this.objects.get(key)
    if (found === undefined) return 'missing'
    if (found.etag === knownEtag) return 'unchanged'
    this.bytesRead += found.bytes.length
    return { ...found, bytes: Uint8Array.from(found.bytes) }
  }

  async compareAndSet(key: string, bytes: Uint8Array, ifMatch: string | null) {
    this.#taken('commit')
    if ((this.objects.get(key)?.etag ?? null) !== ifMatch) return 'conflict'
    this.commits++
    return { etag: this.#set(key, bytes) }
  }

  async put(key: string, bytes: Uint8Array): Promise<void> {
    this.#taken('commit')
    this.#set(key, bytes)
  }

  async delete(keys: readonly string[]): Promise<void> {
    for (const key of keys) this.objects.delete(key)
  }

  async list(prefix: string): Promise<string[]> {
    return [...this.objects.keys()].filter((key) => key.startsWith(prefix))
  }

  /** A copy, as S3 has one, in the memory of the object before it: what is measured is not the garbage of this store. */
  #kept(key: string, bytes: Uint8Array): Uint8Array {
    const before = this.objects.get(key)?.bytes
    const memory =
      before !== undefined && before.buffer.byteLength >= bytes.length
        ? before.buffer
        : new ArrayBuffer(Math.ceil(bytes.length * 1.5))
    const kept = new Uint8Array(memory, 0, bytes.length)
    kept.set(bytes)
    return kept
  }

  #set(key: string, bytes: Uint8Array): string {
    const etag = String(++this.#etags)
    this.objects.set(key, { etag, bytes: this.#kept(key, bytes) })
    this.bytesPut += bytes.length
    this.puts++
    return etag
  }
}
