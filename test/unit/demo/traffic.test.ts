import { Value } from 'typebox/value'
import { describe, expect, it } from 'vitest'
import { plan } from '../../../analytics/plan/plan.ts'
import { dispatches, faultShares, lateByMs, spoil, type WireMessage } from '../../../local/demo/faults.ts'
import { seeded } from '../../../local/demo/random.ts'
import { createTraffic, meanMessagesPerVisit } from '../../../local/demo/traffic.ts'
import { visit } from '../../../local/demo/visit.ts'
import { newVisitor } from '../../../local/demo/visitor.ts'

const minuteMs = 60_000

/** Half an hour of traffic, taken a second at a time as the sender does. */
function halfAnHour(seed: number, eventsPerSecond = 20) {
  const traffic = createTraffic({ random: seeded(seed), eventsPerSecond, startMs: 0 })
  const taken: { atMs: number; message: WireMessage }[] = []
  for (let nowMs = 1_000; nowMs <= 30 * minuteMs; nowMs += 1_000) {
    taken.push(...traffic.takeDue(nowMs).map((message) => ({ atMs: nowMs, message })))
  }
  return taken
}

const taken = halfAnHour(6)

describe('demo traffic', () => {
  it('is the same for the same randomness', () => {
    expect(halfAnHour(6)).toEqual(taken)
  })

  it('flows at the rate it was asked for', () => {
    const settled = taken.filter(({ atMs }) => atMs > 12 * minuteMs)
    const perSecond = settled.length / (18 * 60)
    expect(perSecond).toBeGreaterThan(17)
    expect(perSecond).toBeLessThan(23)
  })

  it('knows how many messages a visit makes', () => {
    const random = seeded(8)
    const sizes = Array.from({ length: 5_000 }, () => visit(random, newVisitor(random), 0).length)
    const mean = (sizes.reduce((sum, size) => sum + size, 0) / sizes.length) * (1 + faultShares.duplicate)
    expect(Math.abs(mean - meanMessagesPerVisit)).toBeLessThan(0.4)
  })

  it('sends about two in a hundred messages twice, under the same id', () => {
    const ids = taken.map(({ message }) => message.messageId)
    const share = 1 - new Set(ids).size / ids.length
    expect(share).toBeGreaterThan(0.014)
    expect(share).toBeLessThan(0.026)
  })

  it('sends about three in a hundred messages minutes late, and none early', () => {
    const lags = taken.map(({ atMs, message }) => atMs - Date.parse(message.originalTimestamp ?? 'never'))
    const share = lags.filter((lagMs) => lagMs >= lateByMs.least).length / lags.length
    expect(Math.min(...lags)).toBeGreaterThanOrEqual(0)
    expect(share).toBeGreaterThan(0.022)
    expect(share).toBeLessThan(0.038)
  })

  it('does not make up for hours in which nobody took anything', () => {
    const traffic = createTraffic({ random: seeded(11), eventsPerSecond: 20, startMs: 0 })
    expect(traffic.takeDue(8 * 60 * minuteMs).length).toBeLessThan(4 * 60 * 20)
  })
})

describe('a spoilt message', () => {
  const random = seeded(12)
  const messages = Array.from({ length: 400 }, () => visit(random, newVisitor(random), 0)).flat()

  it('keeps its id, so that it can be found among the bad rows', () => {
    for (const { message } of messages) expect(spoil(random, message).messageId).toBe(message.messageId)
  })

  it('breaks the plan, or lacks its type or every id', () => {
    for (const { message } of messages) {
      const { type, anonymousId, event, properties } = JSON.parse(JSON.stringify(spoil(random, message)))
      const spec = plan.find(({ name }) => name === event)
      const planBroken = spec !== undefined && !Value.Check(spec.properties, properties)
      expect(planBroken || type === undefined || anonymousId === undefined, JSON.stringify(message)).toBe(
        true,
      )
    }
  })

  it('was as the plan wants it before', () => {
    for (const { message } of messages) {
      const spec = plan.find(({ name }) => name === message.event)
      if (spec) expect(Value.Check(spec.properties, message.properties), JSON.stringify(message)).toBe(true)
    }
  })

  it('is about one and a half in a hundred', () => {
    const sent = messages.flatMap(({ message, atMs }) =>
      dispatches(random, message, atMs).map((one) => one.message),
    )
    const originals = new Set<unknown>(messages.map(({ message }) => message))
    const share = sent.filter((message) => !originals.has(message)).length / sent.length
    expect(share).toBeGreaterThan(0.008)
    expect(share).toBeLessThan(0.024)
  })
})
