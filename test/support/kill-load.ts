import { gzipSync } from 'node:zlib'
import { chance, integer, pick, type Random, seeded } from '../../local/demo/random.ts'
import type { OutgoingRecord } from '../../shared/aws/kinesis.ts'

/** A record with the marks of what is in it: `e<n>` for an event (its id), `b<n>` for a bad one (somewhere in its text). */
export type LoadRecord = { readonly marks: readonly string[]; readonly record: OutgoingRecord }

type Item = { readonly mark: string; readonly text: string; readonly isJson: boolean }

const visitors = 1_500
const minuteMs = 60_000
/** Few minutes, so that few panes are open, a quarter of an hour apart, so that the gap of sessions is hit on both sides. */
const moments = 12
const momentMs = 15 * minuteMs

/** Endless seeded events: three hours of visits in any order, some sent again, some bad, in records of every shape. */
export class KillLoad {
  readonly #random: Random
  /** The latest minute of the events. */
  readonly #lastMs: number
  #count = 0
  readonly #recent: Item[] = []

  constructor(seed: number, lastMs: number) {
    this.#random = seeded(seed)
    this.#lastMs = lastMs
  }

  records(count: number): LoadRecord[] {
    return Array.from({ length: count }, () => this.#record())
  }

  #record(): LoadRecord {
    const first = this.#item()
    const rest = first.isJson
      ? Array.from({ length: integer(this.#random, 0, 5) }, () => this.#jsonItem())
      : []
    const items = [first, ...rest]
    return {
      marks: items.map(({ mark }) => mark),
      record: { data: this.#data(items), partitionKey: String(integer(this.#random, 0, 999_999)) },
    }
  }

  #data(items: readonly Item[]): Buffer {
    const texts = items.map(({ text }) => text)
    if (texts.length === 1) return Buffer.from(texts.join())
    if (chance(this.#random, 0.3)) return Buffer.from(`[${texts.join(',')}]`)
    const lines = Buffer.from(texts.map((text) => `${text}\n`).join(''))
    return chance(this.#random, 0.5) ? gzipSync(lines) : lines
  }

  #item(): Item {
    if (!chance(this.#random, 0.02)) return this.#jsonItem()
    const mark = `b${this.#count++}`
    return { mark, text: `no JSON, ${mark}`, isJson: false }
  }

  #jsonItem(): Item {
    const again = chance(this.#random, 0.1) ? this.#recent[integer(this.#random, 0, 499)] : undefined
    if (again) return again
    const item = chance(this.#random, 0.03) ? this.#badItem() : this.#event()
    this.#recent[this.#count % 500] = item
    return item
  }

  #badItem(): Item {
    const messageId = `b${this.#count++}`
    const lacks = pick(this.#random, [{ event: 'Order Completed', properties: {} }, {}])
    return json({ type: 'track', messageId, anonymousId: 'bad', ...lacks })
  }

  #event(): Item {
    const random = this.#random
    const messageId = `e${this.#count++}`
    const anonymousId = `visitor-${integer(random, 1, visitors)}`
    const timeMs = this.#lastMs - integer(random, 0, moments - 1) * momentMs + integer(random, 0, 2) * 20_000
    const who = { messageId, anonymousId, timestamp: new Date(timeMs).toISOString() }
    if (chance(random, 0.6)) return json({ type: 'page', ...who, properties: { path: `/${messageId}` } })
    if (chance(random, 0.8))
      return json({ type: 'track', event: 'Product Viewed', ...who, properties: { product_id: 'p' } })
    const properties = { order_id: messageId, revenue: integer(random, 1, 9_999) / 100, currency: 'EUR' }
    return json({ type: 'track', event: 'Order Completed', ...who, properties })
  }
}

const json = (message: { readonly messageId: string; readonly [field: string]: unknown }): Item => ({
  mark: message.messageId,
  text: JSON.stringify(message),
  isJson: true,
})
