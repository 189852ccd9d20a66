import { hash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { decodeKplAggregate, isKplAggregate } from '../../../shared/core/event/kpl.ts'

const magic = 'f3899ac2'
/** One partition key "a", one explicit hash key "0", records {pk 0, ehk 0, "{}"} and {pk 0, "[]"}. */
const message = '0a0161 120130 1a08 0800 1000 1a027b7d 1a06 0800 1a025b5d'.replaceAll(' ', '')

const aggregate = (hex: string): Buffer => {
  const bytes = Buffer.from(hex, 'hex')
  return Buffer.concat([Buffer.from(magic, 'hex'), bytes, hash('md5', bytes, 'buffer')])
}

const texts = (bytes: Buffer) => decodeKplAggregate(bytes)?.map((record) => Buffer.from(record).toString())

describe('decodeKplAggregate', () => {
  it('gives the data of each user record in order, with explicit hash keys and without', () => {
    expect(texts(aggregate(message))).toEqual(['{}', '[]'])
  })

  it('passes over fields it does not know', () => {
    expect(texts(aggregate(`2001 2a0178 ${message}`.replaceAll(' ', '')))).toEqual(['{}', '[]'])
  })

  it('reads lengths of more than one byte', () => {
    const data = 'x'.repeat(300)
    const record = `0800 1aac02 ${Buffer.from(data).toString('hex')}`.replaceAll(' ', '')
    expect(texts(aggregate(`1ab102${record}`))).toEqual([data])
  })

  it('reads a view into a larger buffer', () => {
    const around = Buffer.concat([Buffer.from('before'), aggregate(message), Buffer.from('after')])
    expect(texts(around.subarray(6, -5))).toEqual(['{}', '[]'])
  })

  it.each([
    ['a changed byte', aggregate(message).fill(0, 6, 7)],
    ['no checksum', Buffer.from(magic + message, 'hex').subarray(0, 18)],
    ['a length past its end', aggregate('1aff01')],
    ['a length without end', aggregate('1affffffffffffffffff01')],
    ['a wire type of other protocols', aggregate('1d00000000')],
    ['a record without data', aggregate('1a020800')],
  ])('gives nothing for %s', (_, bytes) => {
    expect(decodeKplAggregate(bytes)).toBeUndefined()
  })

  it('is asked for by its first four bytes', () => {
    expect(isKplAggregate(aggregate(message))).toBe(true)
    expect(isKplAggregate(Buffer.from(magic, 'hex').subarray(0, 3))).toBe(false)
    expect(isKplAggregate(Buffer.from('f3899ac3', 'hex'))).toBe(false)
  })
})
