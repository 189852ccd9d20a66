import { describe, expect, it } from 'vitest'
import {
  maxControlAgeMs,
  parseControlKeys,
  signControl,
  type UnsignedFlush,
  type UnsignedPunctuation,
  verifyControl,
} from '../../../shared/core/event/control.ts'

const issuedAt = 1_800_000_000_000
const key = 'secret'
const by = { keys: [key], shardId: 'shard-1', arrivalMs: issuedAt + 100 }

const punctuation: UnsignedPunctuation = {
  weir: 'punctuation',
  shard: 'shard-1',
  issuedAt,
  shards: [
    { id: 'shard-0', parents: [], open: false },
    { id: 'shard-1', parents: ['shard-0'], open: true },
  ],
}
const flush: UnsignedFlush = { ...punctuation, weir: 'flush', id: 'f-1' }

const overTheWire = (value: unknown): unknown => JSON.parse(JSON.stringify(value))

describe('control records', () => {
  it.each([punctuation, flush])('verify when signed with the same key: $weir', (control) => {
    const signed = signControl(control, key)
    expect(verifyControl(overTheWire(signed), by)).toEqual({ ok: true, control: signed })
  })

  it('start with the key by which they are known', () => {
    expect(Object.keys(signControl({ ...punctuation }, key))[0]).toBe('weir')
  })

  it('are refused under another key', () => {
    const signed = overTheWire(signControl(flush, 'other'))
    expect(verifyControl(signed, by)).toEqual({ ok: false, reason: 'wrong signature' })
    expect(verifyControl(signed, { ...by, keys: [] })).toEqual({ ok: false, reason: 'wrong signature' })
  })

  it.each(['new', 'old'])('verify under any of several keys: %s', (signer) => {
    const signed = overTheWire(signControl(flush, signer))
    expect(verifyControl(signed, { ...by, keys: ['new', 'old'] }).ok).toBe(true)
  })

  it.each([
    ['the shard', { shard: 'shard-2' }],
    ['the time', { issuedAt: issuedAt + 1 }],
    ['the list of shards', { shards: [] }],
    ['the id', { id: 'f-2' }],
  ])('are refused when %s was changed', (_, change) => {
    const tampered = { ...signControl(flush, key), ...change }
    const seen = verifyControl(tampered, { ...by, shardId: tampered.shard })
    expect(seen).toEqual({ ok: false, reason: 'wrong signature' })
  })

  it('are refused on another shard than theirs', () => {
    const seen = verifyControl(signControl(punctuation, key), { ...by, shardId: 'shard-0' })
    expect(seen).toEqual({ ok: false, reason: 'issued for another shard' })
  })

  it.each([
    [maxControlAgeMs, true],
    [maxControlAgeMs + 1, false],
    [-maxControlAgeMs, true],
    [-maxControlAgeMs - 1, false],
  ])('arriving %d ms after they were issued are taken: %s', (ageMs, ok) => {
    expect(verifyControl(signControl(punctuation, key), { ...by, arrivalMs: issuedAt + ageMs }).ok).toBe(ok)
  })

  it.each([
    ['no object', 7],
    ['another kind', { ...signControl(punctuation, key), weir: 'purge' }],
    ['no signature', punctuation],
    ['a signature that is no hex', { ...punctuation, signature: 'zz' }],
    ['no shard', { ...signControl(punctuation, key), shard: undefined }],
    ['a shard with too long a name', { ...signControl(punctuation, key), shard: 's'.repeat(257) }],
    ['a time in parts of a millisecond', { ...signControl(punctuation, key), issuedAt: issuedAt + 0.5 }],
    ['no list of shards', { ...signControl(punctuation, key), shards: {} }],
    [
      'a shard that says not whether it is open',
      { ...signControl(punctuation, key), shards: [{ id: 's', parents: [] }] },
    ],
    [
      'a parent that is no name',
      { ...signControl(punctuation, key), shards: [{ id: 's', parents: [1], open: true }] },
    ],
    ['a flush without an id', { ...signControl(flush, key), id: undefined }],
  ])('are refused as %s', (_, value) => {
    expect(verifyControl(value, by)).toEqual({ ok: false, reason: 'not a control record' })
  })
})

describe('the control key parameter', () => {
  it.each([
    ['one', ['one']],
    ['new,old', ['new', 'old']],
    [' new , old \n', ['new', 'old']],
    ['new,,', ['new']],
  ])('%j holds the keys %j', (parameter, keys) => {
    expect(parseControlKeys(parameter)).toEqual(keys)
  })

  it.each(['', ' ', ','])('%j is refused: anybody knows an empty key', (parameter) => {
    expect(() => parseControlKeys(parameter)).toThrow('the control key is empty')
  })
})
