import { createHmac, timingSafeEqual } from 'node:crypto'
import { isObject } from './json.ts'
import type { EpochMs } from './outcome.ts'

export type RawShard = {
  readonly id: string
  /** Shards it came from by a split or a merge; those may have been forgotten since. */
  readonly parents: readonly string[]
  readonly open: boolean
}

type Signed = { readonly signature: string }

type ControlBody = {
  /** The raw shard it was sent through. */
  readonly shard: string
  readonly issuedAt: EpochMs
  /** All shards of the raw stream when it was issued. */
  readonly shards: readonly RawShard[]
}

/** Says: the raw shard is through to here. Sent every minute by tick. */
export type UnsignedPunctuation = { readonly weir: 'punctuation' } & ControlBody
/** Closes every session and seals every pane folded before it. For tests and imports. */
export type UnsignedFlush = { readonly weir: 'flush'; readonly id: string } & ControlBody
export type Punctuation = UnsignedPunctuation & Signed
export type Flush = UnsignedFlush & Signed
export type UnsignedControl = UnsignedPunctuation | UnsignedFlush
export type ControlRecord = Punctuation | Flush

/** A control record older than this at its arrival may be one that was caught and sent again. */
export const maxControlAgeMs = 5 * 60_000

/** Keys of control records: the first signs, every one of them verifies. */
export type ControlKeys = readonly [string, ...string[]]

/** The keys in the text of the parameter, with commas between them. */
export const parseControlKeys = (parameter: string): ControlKeys => {
  // An empty key would be one that anybody knows.
  const [first, ...others] = parameter
    .split(',')
    .map((key) => key.trim())
    .filter((key) => key !== '')
  if (first === undefined) throw new Error('the control key is empty: put a new one (docs/runbook.md)')
  return [first, ...others]
}

/** The same control with its signature; written as JSON, its first key is `weir`, by which it is known. */
export const signControl = <Control extends UnsignedControl>(
  control: Control,
  key: string,
): Control & Signed =>
  Object.assign({ weir: control.weir }, control, { signature: signatureOf(control, key).toString('hex') })

export type VerifiedControl =
  | { readonly ok: true; readonly control: ControlRecord }
  | { readonly ok: false; readonly reason: string }

/** Whether a value that came through `shardId` was written by one who has a key, for this shard, just now. */
export const verifyControl = (
  value: unknown,
  by: { readonly keys: readonly string[]; readonly shardId: string; readonly arrivalMs: EpochMs },
): VerifiedControl => {
  if (!isControl(value)) return refused('not a control record')
  const signature = Buffer.from(value.signature, 'hex')
  if (!by.keys.some((key) => isEqual(signature, signatureOf(value, key)))) return refused('wrong signature')
  if (value.shard !== by.shardId) return refused('issued for another shard')
  if (Math.abs(by.arrivalMs - value.issuedAt) > maxControlAgeMs)
    return refused('issued too long before its arrival')
  return { ok: true, control: value }
}

const refused = (reason: string): VerifiedControl => ({ ok: false, reason })

const isEqual = (a: Buffer, b: Buffer): boolean => a.length === b.length && timingSafeEqual(a, b)

const signatureOf = (control: UnsignedControl, key: string): Buffer =>
  createHmac('sha256', key).update(canonicalText(control)).digest()

/** An array has one order and one spelling, whatever the order of the keys that came. */
const canonicalText = (control: UnsignedControl): string =>
  JSON.stringify([
    'weir control 1',
    control.weir,
    control.weir === 'flush' ? control.id : '',
    control.shard,
    control.issuedAt,
    control.shards.map(({ id, parents, open }) => [id, parents, open]),
  ])

// By hand: tick, which only signs, would load a compiler of schemas for it.
const isControl = (value: unknown): value is ControlRecord =>
  isObject(value) &&
  (value.weir === 'punctuation' || (value.weir === 'flush' && isName(value.id))) &&
  isName(value.shard) &&
  Number.isInteger(value.issuedAt) &&
  isArrayOf(value.shards, isShard) &&
  typeof value.signature === 'string' &&
  /^[0-9a-f]{64}$/.test(value.signature)

const isShard = (value: unknown): boolean =>
  isObject(value) && isName(value.id) && isArrayOf(value.parents, isName) && typeof value.open === 'boolean'

const isName = (value: unknown): boolean => typeof value === 'string' && value.length <= 256

const isArrayOf = (value: unknown, isItem: (item: unknown) => boolean): boolean =>
  Array.isArray(value) && value.every(isItem)
