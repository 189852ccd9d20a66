import { createHash } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import type { Random } from './random.ts'

export type Sent = { readonly partitionKey: string; readonly data: Uint8Array }

/** Event times fall on a grid, so that gaps of exactly the session gap and ties are common. */
const gridMs = 15_000

/** Client apps as they are: out of order, late, twice, wrong, and in every format at once. */
export class Workload {
  readonly #random: Random
  readonly #visitors: readonly string[]
  #ids = 0
  /** What a client may send again, and not before. */
  readonly #resends: { readonly afterMs: number; readonly event: object }[] = []
  readonly #horizonMs: number

  /** horizonMs: the longest time for which an event id may be remembered. */
  constructor(random: Random, horizonMs: number) {
    this.#random = random
    this.#horizonMs = horizonMs
    this.#visitors = Array.from({ length: random.between(2, 7) }, (_, i) => `v${i}`)
  }

  /** One raw record. */
  next(nowMs: number): Sent {
    const random = this.#random
    const partitionKey = `p${random.between(0, 30)}`
    const kind = random.next()
    if (kind < 0.05) return { partitionKey, data: this.#garbage() }
    if (kind < 0.5) return { partitionKey, data: json(this.#event(nowMs)) }
    const events = Array.from({ length: random.between(2, 5) }, () => this.#event(nowMs))
    if (kind < 0.65) return { partitionKey, data: json(events) }
    if (kind < 0.75) return { partitionKey, data: json({ batch: events }) }
    if (kind < 0.85)
      return { partitionKey, data: ndjson([...events.map((event) => JSON.stringify(event)), '{"cut off']) }
    if (kind < 0.93) return { partitionKey, data: gzipSync(json(events)) }
    return { partitionKey, data: kplAggregate(events.map(json)) }
  }

  #event(nowMs: number): object {
    const random = this.#random
    const due = this.#resends.findIndex(({ afterMs }) => afterMs <= nowMs)
    if (due !== -1 && random.chance(0.5)) {
      const [resend] = this.#resends.splice(due, 1)
      if (resend !== undefined) return resend.event
    }
    const event = this.#fresh(nowMs)
    // At once, or anywhere around the horizon, whichever is in force.
    if (random.chance(0.15)) {
      const afterMs = random.between(0, random.chance(0.4) ? 30_000 : this.#horizonMs + 75_000)
      this.#resends.push({ afterMs: nowMs + afterMs, event })
    }
    return event
  }

  #fresh(nowMs: number): object {
    const random = this.#random
    const lateness = random.next()
    const delayMs =
      lateness < 0.6
        ? random.between(0, 10_000)
        : lateness < 0.85
          ? random.between(0, 45_000)
          : random.between(0, 400_000)
    const ahead = random.chance(0.03) ? random.between(0, 60_000) : 0
    const time = Math.floor((nowMs - delayMs + ahead) / gridMs) * gridMs
    const visitor = random.pick(this.#visitors)
    // Two visitors may number their events alike.
    const messageId = random.chance(0.1) ? `same-${random.between(0, 9)}` : `id-${++this.#ids}`
    const event = {
      messageId,
      ...(random.chance(0.03) ? { context: { page: { title: this.#longText() } } } : {}),
      ...(random.chance(0.8) ? { anonymousId: visitor } : random.chance(0.9) ? { userId: visitor } : {}),
      timestamp: new Date(time).toISOString(),
    }
    const kind = random.next()
    if (kind < 0.5) return { ...event, type: 'page', properties: { path: `/${random.between(0, 3)}` } }
    if (kind < 0.75) {
      const revenue = random.pick([0.1, 0.2, 19.99, 1e9, -3])
      return {
        ...event,
        type: 'track',
        event: 'Bought',
        properties: { revenue, currency: random.pick(['EUR', 'USD']) },
      }
    }
    if (kind < 0.95) {
      const properties = random.chance(0.5) ? {} : this.#listing(random.between(0, 9))
      return { ...event, type: 'track', event: random.pick(['A', 'B', 'C']), properties }
    }
    return { ...event, type: 'nonsense' }
  }

  /** Versions grow, and come out of order and twice. */
  #listing(n: number): object {
    return { n, listing: `L${n % 3}`, version: Math.floor(this.#ids / 8) + n }
  }

  /** What does not compress well. */
  #longText(): string {
    return Array.from({ length: this.#random.between(60, 240) }, () =>
      Math.floor(this.#random.next() * 2 ** 52).toString(36),
    ).join('')
  }

  #garbage(): Uint8Array {
    const random = this.#random
    return random.pick([
      Buffer.from('not json'),
      Buffer.from('42'),
      Buffer.from([0x1f, 0x8b, 8, 0, 0]),
      Buffer.from([0xff, 0xfe, 0xfd]),
      Buffer.from(`not json, and long: ${this.#longText()}`),
      Buffer.from('{"weir":"punctuation","shard":"shardId-000000000000"}'),
    ])
  }
}

const json = (value: unknown): Buffer => Buffer.from(JSON.stringify(value))
const ndjson = (lines: readonly string[]): Buffer => Buffer.from(lines.join('\n'))

const magic = Buffer.from([0xf3, 0x89, 0x9a, 0xc2])

/** https://github.com/awslabs/amazon-kinesis-producer/blob/master/aggregation-format.md */
const kplAggregate = (records: readonly Buffer[]): Buffer => {
  const partitionKey = field(1, Buffer.from('k'))
  const body = Buffer.concat([
    partitionKey,
    ...records.map((data) => field(3, Buffer.concat([Buffer.from([0x08, 0]), field(3, data)]))),
  ])
  return Buffer.concat([magic, body, createHash('md5').update(body).digest()])
}

const field = (number: number, data: Buffer): Buffer =>
  Buffer.concat([Buffer.from([(number << 3) | 2]), varint(data.length), data])

const varint = (value: number): Buffer => {
  const bytes: number[] = []
  for (let rest = value; ; rest >>>= 7) {
    if (rest < 0x80) return Buffer.from([...bytes, rest])
    bytes.push((rest & 0x7f) | 0x80)
  }
}
