import type { Message } from './message.ts'
import { chance, pick, type Random } from './random.ts'

/** How often real clients misbehave, and how long they hold back what they send late or twice. */
export const faultShares = { bad: 0.015, duplicate: 0.02, late: 0.03 } as const
export const lateByMs = { least: 60_000, most: 600_000 } as const
export const resentAfterMs = { least: 1_000, most: 20_000 } as const

/** What may go over the wire: a message, or one that a bug in some client has spoilt. */
export type WireMessage = Partial<Message>

export type Dispatch = { readonly dueMs: number; readonly message: WireMessage }

/** When, how often and in what state one message leaves its client. */
export function dispatches(random: Random, message: Message, atMs: number): Dispatch[] {
  const between = ({ least, most }: { least: number; most: number }) => least + random() * (most - least)
  const dueMs = chance(random, faultShares.late) ? atMs + between(lateByMs) : atMs
  const sent = chance(random, faultShares.bad) ? spoil(random, message) : message
  const first = { dueMs, message: sent }
  if (!chance(random, faultShares.duplicate)) return [first]
  return [first, { dueMs: dueMs + between(resentAfterMs), message: sent }]
}

/** Breaks a message in one of the ways that a tracking plan is there to find. */
export function spoil(random: Random, message: Message): WireMessage {
  const { properties = {} } = message
  switch (message.event) {
    case 'Order Completed':
      return { ...message, properties: { ...properties, revenue: `${String(properties.revenue)} EUR` } }
    case 'Product Viewed':
      return { ...message, properties: { ...properties, price: -1 } }
    case 'Product Added':
      return { ...message, properties: { ...properties, product_id: undefined, quantity: 0 } }
    case 'Experiment Viewed':
      return { ...message, properties: { ...properties, variation_id: '' } }
    default:
      return pick(random, [without(message, 'type'), without(message, 'anonymousId')])
  }
}

function without(message: Message, field: 'type' | 'anonymousId'): WireMessage {
  const spoilt: WireMessage = { ...message, ...(field === 'anonymousId' && { userId: null }) }
  return Object.fromEntries(Object.entries(spoilt).filter(([key]) => key !== field))
}
