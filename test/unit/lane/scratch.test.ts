import { expect, it } from 'vitest'
import { Scratch } from '../../../shared/core/lane/scratch.ts'

const megabyte = 1024 * 1024

it('gives the same memory each time, as long as it is large enough', () => {
  const scratch = new Scratch()
  const first = scratch.take(megabyte)
  expect(scratch.take(1_000).buffer).toBe(first.buffer)
  expect(scratch.take(3 * megabyte).buffer).not.toBe(first.buffer)
})

it('does not keep what is large, and keeps what it had', () => {
  const scratch = new Scratch()
  const small = scratch.take(megabyte)
  expect(scratch.take(5 * megabyte)).toHaveLength(5 * megabyte)
  expect(scratch.take(megabyte).buffer).toBe(small.buffer)
})

it('joins parts, whatever stood there before', () => {
  const scratch = new Scratch()
  scratch.take(100).fill(1)
  expect(String(scratch.join([Buffer.from('ab'), Buffer.alloc(0), Buffer.from('c')]))).toBe('abc')
})
