import { expect, it } from 'vitest'
import { LineCounts } from '../../../commands/send/line-counts.ts'

it('counts equal lines as a Map does, beyond the size it starts with', () => {
  const counts = new LineCounts()
  const expected = new Map<string, number>()
  for (let i = 0; i < 100_000; i++) {
    const line = String((i * 7919) % 60_000)
    const before = expected.get(line) ?? 0
    expected.set(line, before + 1)
    if (counts.countBefore(Buffer.from(line)) !== before) throw new Error(`line ${i}: ${line}`)
  }
  expect(counts.countBefore(Buffer.from('0'))).toBe(expected.get('0'))
  expect(counts.countBefore(Buffer.from('never'))).toBe(0)
})
