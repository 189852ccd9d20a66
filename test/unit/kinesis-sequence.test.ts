import fc from 'fast-check'
import { expect, it } from 'vitest'
import { sequenceNumberOf, sequenceNumbersOf, tickOf, ticksPerMs } from '../../local/aws/kinesis/sequence.ts'

const shard = fc.record({ index: fc.nat(200), createdMs: fc.nat(2 ** 42) })
/** From one millisecond to some seconds apart: within a second, across its end, and back. */
const ticks = fc
  .tuple(fc.nat(2 ** 42), fc.array(fc.nat(3000 * ticksPerMs), { maxLength: 20 }))
  .map(([ms, offsets]) => offsets.map((offset) => ms * ticksPerMs + offset))

it('gives many ticks the numbers that each would have by itself, and takes them back', () => {
  fc.assert(
    fc.property(shard, ticks, (origin, all) => {
      const numbers = sequenceNumbersOf(origin, all)
      expect(numbers).toEqual(all.map((tick) => sequenceNumberOf(origin, tick)))
      expect(numbers.map((number) => tickOf(origin, number))).toEqual(all)
    }),
  )
})
