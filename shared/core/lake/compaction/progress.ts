import { type Attempt, attemptKey, decodeAttempt, encodeAttempt } from './attempt.ts'
import type { CompactionPorts } from './ports.ts'
import { type CompactionState, decodeState, encodeState, nothingCompacted, stateKey } from './state.ts'

/** Thrown when another run has written first: it is at work, and this one leaves. */
export class OtherRun extends Error {
  override readonly name = 'OtherRun'
}

/** An object that is only ever replaced by who has read it last. */
export class Guarded<Value> {
  readonly #objects: CompactionPorts['objects']
  readonly #key: string
  readonly #encode: (value: Value) => Uint8Array
  #etag: string | null = null
  value: Value | undefined

  private constructor(
    objects: CompactionPorts['objects'],
    key: string,
    encode: (value: Value) => Uint8Array,
  ) {
    this.#objects = objects
    this.#key = key
    this.#encode = encode
  }

  static async load<Value>(
    objects: CompactionPorts['objects'],
    of: {
      readonly key: string
      readonly encode: (value: Value) => Uint8Array
      readonly decode: (bytes: Uint8Array) => Value
    },
  ): Promise<Guarded<Value>> {
    const guarded = new Guarded(objects, of.key, of.encode)
    const stored = await objects.get(of.key)
    if (typeof stored === 'object') {
      guarded.#etag = stored.etag
      guarded.value = of.decode(stored.bytes)
    }
    return guarded
  }

  async replace(value: Value): Promise<void> {
    const put = await this.#objects.compareAndSet(this.#key, this.#encode(value), this.#etag)
    if (put === 'conflict') throw new OtherRun(`${this.#key} was written by another run`)
    this.#etag = put.etag
    this.value = value
  }
}

export const loadAttempt = (objects: CompactionPorts['objects']): Promise<Guarded<Attempt>> =>
  Guarded.load(objects, { key: attemptKey, encode: encodeAttempt, decode: decodeAttempt })

export const loadState = (objects: CompactionPorts['objects']): Promise<Guarded<CompactionState>> =>
  Guarded.load(objects, { key: stateKey, encode: encodeState, decode: decodeState })

export const stateOf = (guarded: Guarded<CompactionState>): CompactionState =>
  guarded.value ?? nothingCompacted
