import { describe, expect, it } from 'vitest'
import { BodyRooms } from '../../local/aws/body-rooms.ts'

const kb = 1024

describe('rooms for bodies', () => {
  it('are lent again once they were given back, to whoever fits', () => {
    const rooms = new BodyRooms()
    const first = rooms.lend(700 * kb)
    rooms.giveBack(first)
    expect(rooms.lend(600 * kb) === first).toBe(true)
  })

  it('are never lent to two at a time', () => {
    const rooms = new BodyRooms()
    const first = rooms.lend(700 * kb)
    expect(rooms.lend(700 * kb) === first).toBe(false)
    rooms.giveBack(first)
    expect(rooms.lend(700 * kb) === first).toBe(true)
    expect(rooms.lend(700 * kb) === first).toBe(false)
  })

  it('are large enough, and the smallest that is', () => {
    const rooms = new BodyRooms()
    const [large, small] = [rooms.lend(5_000 * kb), rooms.lend(100 * kb)]
    rooms.giveBack(large)
    rooms.giveBack(small)
    expect(rooms.lend(90 * kb) === small).toBe(true)
    expect(rooms.lend(90 * kb) === large).toBe(true)
    expect(rooms.lend(6_000 * kb).length).toBeGreaterThanOrEqual(6_000 * kb)
  })

  it('are kept up to 16 MB', () => {
    const rooms = new BodyRooms()
    const lent = Array.from({ length: 5 }, () => rooms.lend(4_096 * kb))
    for (const room of lent) rooms.giveBack(room)
    const again = new Set(Array.from({ length: 5 }, () => rooms.lend(4_096 * kb)))
    expect(lent.filter((room) => again.has(room)).length).toBe(4)
  })

  it('are not kept for small bodies', () => {
    const rooms = new BodyRooms()
    const small = rooms.lend(100)
    rooms.giveBack(small)
    expect(rooms.lend(100) === small).toBe(false)
  })
})
