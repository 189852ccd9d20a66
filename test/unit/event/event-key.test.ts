import { describe, expect, it } from 'vitest'
import { eventKey, eventKeyBytes } from '../../../shared/core/event/event-key.ts'

describe('eventKey', () => {
  it('takes as many bytes as the lane state holds of one', () => {
    expect(eventKey('a:anna', 'm-1')).toMatch(/^[0-9a-f]+$/)
    expect(Buffer.from(eventKey('a:anna', 'm-1'), 'hex')).toHaveLength(eventKeyBytes)
  })

  // Stored state depends on it: another value would let duplicates in for an hour after a deploy.
  it('stays what it was', () => {
    expect(eventKey('a:anna', 'm-1')).toBe('0563f3594e0018fceac6c487b0bccf77')
  })

  it('tells the visitors and the ids apart, also where they run into each other', () => {
    const keys = [
      eventKey('a:anna', 'm-1'),
      eventKey('a:anna', 'm-2'),
      eventKey('u:anna', 'm-1'),
      eventKey('a:annam', '-1'),
      eventKey('a:ann', 'am-1'),
      eventKey('a:ännä', 'm-1'),
    ]
    expect(new Set(keys).size).toBe(keys.length)
  })
})
