import { expect, it } from 'vitest'
import { base64Bytes, itemBytes } from '../../../local/metering/item-bytes.ts'

it('adds names and values in UTF-8', () => {
  expect(itemBytes({ name: { S: 'Größe' } })).toBe(4 + 7)
})

it.each([
  ['0', 1],
  ['7', 2],
  ['42', 2],
  ['421', 3],
  ['-421', 4],
  ['1000000', 2],
  ['0.001', 2],
  ['1234.5678', 5],
  ['1e100', 2],
])('takes a byte for two significant digits of %s, and one', (number, bytes) => {
  expect(itemBytes({ n: { N: number } })).toBe(1 + bytes)
})

it('counts binary as the bytes it decodes to', () => {
  for (const length of [0, 1, 2, 3, 100]) {
    const text = Buffer.alloc(length, 7).toString('base64')
    expect(base64Bytes(text)).toBe(length)
    expect(itemBytes({ b: { B: text } })).toBe(1 + length)
  }
})

it('takes 3 bytes for a map or a list, and 1 for each member', () => {
  expect(itemBytes({ m: { M: {} } })).toBe(1 + 3)
  expect(itemBytes({ m: { M: { ab: { S: 'xyz' }, c: { BOOL: true } } } })).toBe(
    1 + 3 + (1 + 2 + 3) + (1 + 1 + 1),
  )
  expect(itemBytes({ l: { L: [{ S: 'xyz' }, { NULL: true }] } })).toBe(1 + 3 + (1 + 3) + (1 + 1))
})

it('adds the members of sets', () => {
  expect(itemBytes({ s: { SS: ['ab', 'c'] }, n: { NS: ['1', '22'] }, b: { BS: ['AAAA'] } })).toBe(
    1 + 3 + 1 + 4 + 1 + 3,
  )
})
