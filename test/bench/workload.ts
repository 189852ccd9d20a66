import UserAgent from 'user-agents'
import { chance, integer, pick, pickWeighted, type Random, seeded } from '../../local/demo/random.ts'
import type { KinesisEvent } from '../../shared/core/event/kinesis-event.ts'

export type WorkloadOptions = {
  readonly seed: number
  /** How many people there are; few of them come often, most seldom. */
  readonly visitors: number
  /** Events a second of arrival time. */
  readonly perSecond: number
  /** That many events at the start come from one visitor after the other, so that all of them have come. */
  readonly inTurn?: number
}

const startMs = Date.UTC(2026, 10, 20)
const duplicateShare = 0.02
const invalidShare = 0.01
const nonAsciiShare = 1 / 3
/** Of events that come from another address than their visitor's others. */
const movedShare = 0.05
const pages = 2_000
/** What a client sends a second time it sends soon. */
const resendWithin = 500

const words = ['Running', 'Shoes', 'Winter', 'Jacket', 'Camera', 'Coffee', 'Lamp', 'Garden', 'Chair', 'Desk']
const otherWords = [
  'Größe',
  'Überzug',
  'café',
  '冬のジャケット',
  'кофе',
  'лампа',
  'señal',
  'ψηφιακό',
  'שולחן',
  'żółty',
]
const referrers = [
  '',
  '',
  'https://www.google.com/',
  'https://news.example.org/a/long/path?x=1',
  'https://t.co/x',
]
const searches = [
  '',
  '',
  '',
  '?utm_source=newsletter&utm_medium=email&utm_campaign=autumn',
  '?gclid=abc123',
  '?q=lamp',
]
const currencies = ['EUR', 'USD', 'GBP']
/** Of the first 400 agents each as often as it is met. */
const agents = (() => {
  const random = seeded(0)
  const browsers = UserAgent.top(400)
  return Array.from({ length: 4_096 }, () => pickWeighted(random, browsers).userAgent)
})()

/** 1 KB Segment events as analytics.js writes them, the same for the same seed, in Lambda's clothes. */
export class Workload {
  readonly #random: Random
  readonly #options: WorkloadOptions
  #recent: string[] = []
  #count = 0

  constructor(options: WorkloadOptions) {
    this.#options = options
    this.#random = seeded(options.seed)
  }

  /** Arrival time of the next event. */
  get nowMs(): number {
    return startMs + Math.floor((this.#count * 1000) / this.#options.perSecond)
  }

  /** The next `records` raw records of one shard, an event in each. */
  batch(records: number): KinesisEvent {
    return {
      Records: Array.from({ length: records }, () => {
        const arrivalMs = this.nowMs
        const data = Buffer.from(this.#text(arrivalMs)).toString('base64')
        const sequenceNumber = String(10n ** 55n + BigInt(++this.#count))
        return {
          eventID: `shardId-000000000000:${sequenceNumber}`,
          kinesis: { partitionKey: 'k', sequenceNumber, data, approximateArrivalTimestamp: arrivalMs / 1000 },
        }
      }),
    }
  }

  #text(arrivalMs: number): string {
    const random = this.#random
    if (this.#recent.length > 0 && chance(random, duplicateShare)) return pick(random, this.#recent)
    if (chance(random, invalidShare)) return this.#invalid(arrivalMs)
    const text = JSON.stringify(this.#event(arrivalMs))
    if (this.#recent.length < resendWithin) this.#recent.push(text)
    else this.#recent[this.#count % resendWithin] = text
    return text
  }

  /** Half of them broken JSON, half an order without its money. */
  #invalid(arrivalMs: number): string {
    const event = this.#event(arrivalMs)
    if (chance(this.#random, 0.5)) return JSON.stringify(event).slice(0, -10)
    return JSON.stringify({ ...event, type: 'track', event: 'Order Completed', properties: { order_id: 1 } })
  }

  #event(arrivalMs: number): Record<string, unknown> {
    const random = this.#random
    const visitor = this.#visitor()
    const path = `/p/${zipf(random, pages)}`
    const search = pick(random, searches)
    const title = `${this.#phrase()} | Shop`
    const page = {
      path,
      search,
      title,
      url: `https://shop.example.com${path}${search}`,
      referrer: pick(random, referrers),
    }
    const sentAt = arrivalMs - integer(random, 20, 900)
    return {
      ...this.#call(page),
      messageId: `ajs-next-${sentAt}-${uuid(random)}`,
      anonymousId: `b0c5e6f0-3f6a-4c1e-9d2b-${String(visitor).padStart(12, '0')}`,
      userId: visitor % 5 === 0 ? `user-${visitor}` : null,
      originalTimestamp: new Date(sentAt - integer(random, 0, 4_000)).toISOString(),
      sentAt: new Date(sentAt).toISOString(),
      context: {
        ip: addressOf(chance(random, movedShare) ? integer(random, 0, 2 ** 31) : visitor),
        userAgent: agentOf(visitor),
        locale: pick(random, ['en-US', 'de-DE', 'fr-FR', 'ja-JP']),
        timezone: 'Europe/Berlin',
        screen: { width: 1920, height: 1080, density: 2 },
        page,
        library: { name: 'analytics.js', version: 'npm:next-1.81.0' },
      },
    }
  }

  #visitor(): number {
    const { visitors, inTurn = 0 } = this.#options
    return this.#count < inTurn ? this.#count % visitors : zipf(this.#random, visitors)
  }

  #call(page: object): Record<string, unknown> {
    const random = this.#random
    const roll = random()
    if (roll < 0.6) return { type: 'page', name: 'Product', properties: page }
    const product = {
      product_id: `p-${zipf(random, pages)}`,
      name: this.#phrase(),
      category: pick(random, words),
      price: integer(random, 100, 20_000) / 100,
      currency: pick(random, currencies),
    }
    if (roll < 0.85) return { type: 'track', event: 'Product Viewed', properties: product }
    if (roll < 0.93) return { type: 'track', event: 'Product Added', properties: { ...product, quantity: 1 } }
    if (roll < 0.96) {
      const { price, currency } = product
      const order = { order_id: uuid(random), revenue: price, total: price + 4.9, shipping: 4.9, currency }
      const products = [{ product_id: product.product_id, name: product.name, price, quantity: 1 }]
      return { type: 'track', event: 'Order Completed', properties: { ...order, products } }
    }
    const variation_id = pick(random, ['control', 'one-page'])
    const properties = { experiment_id: 'checkout-2', variation_id, variation_name: this.#phrase() }
    return { type: 'track', event: 'Experiment Viewed', properties }
  }

  #phrase(): string {
    const random = this.#random
    const from = chance(random, nonAsciiShare) ? otherWords : words
    return `${pick(random, from)} ${pick(random, words)} ${pick(random, from)}`
  }
}

/** Always the same one of a visitor. */
const agentOf = (visitor: number): string => agents[Math.imul(visitor, 0x9e3779b1) >>> 20] ?? ''

/** Looks like a UUID; made of four numbers, since there is one in each event. */
const uuid = (random: Random): string => {
  const [a, b, c, d] = [word(random), word(random), word(random), word(random)]
  return `${a}-${b.slice(0, 4)}-4${b.slice(5)}-a${c.slice(1, 4)}-${c.slice(4)}${d}`
}

const word = (random: Random): string =>
  Math.floor(random() * 2 ** 32)
    .toString(16)
    .padStart(8, '0')

/** 0 … n − 1, where the k-th comes about 1/k as often as the first. */
const zipf = (random: Random, n: number): number => Math.min(n - 1, Math.floor((n + 1) ** random() - 1))

/** Spread over all addresses, the same for the same number. */
const addressOf = (of: number): string => {
  const bits = Math.imul(of + 1, 0x85ebca6b) >>> 0
  return [1 + ((bits >>> 24) % 223), (bits >>> 16) & 255, (bits >>> 8) & 255, 1 + (bits & 127)].join('.')
}
