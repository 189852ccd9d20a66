import { Workload } from './workload.ts'

/** What must become of events. */
export type Expected = { readonly accepted: number; readonly quarantined: number; readonly duplicate: number }

type Outcome = keyof Expected
type Payload = { readonly bytes: Buffer; readonly idEnd: number; readonly outcome: Outcome }

/** The last group of a UUID. */
const passDigits = 12

/**
 * Events made before the clock starts, so that producing them costs a client's share and no more. When all have been
 * taken they come again, under ids that name the pass.
 */
export class Payloads {
  readonly #payloads: readonly Payload[]
  #taken = 0

  constructor(options: { readonly seed: number; readonly visitors: number; readonly distinct: number }) {
    const workload = new Workload({ seed: options.seed, visitors: options.visitors, perSecond: 1_000 })
    const seen = new Set<string>()
    this.#payloads = workload.batch(options.distinct).Records.map(({ kinesis }) => {
      const bytes = Buffer.from(kinesis.data, 'base64')
      const text = bytes.toString()
      const outcome = outcomeOf(text, seen)
      seen.add(text)
      return { bytes, idEnd: idEnd(bytes), outcome }
    })
  }

  /** The next so many. Their bytes stay as they are until all the others have been taken. */
  take(count: number): Buffer[] {
    return Array.from({ length: count }, () => {
      const { payload, pass } = this.#at(this.#taken++)
      payload.bytes.write(pass.toString(16).padStart(passDigits, '0'), payload.idEnd - passDigits, 'latin1')
      return payload.bytes
    })
  }

  /** Of the first so many. */
  expected(count: number): Expected {
    const sum = { accepted: 0, quarantined: 0, duplicate: 0 }
    for (let place = 0; place < count; place++) sum[this.#at(place).payload.outcome]++
    return sum
  }

  #at(place: number): { payload: Payload; pass: number } {
    const payload = this.#payloads[place % this.#payloads.length]
    if (payload === undefined) throw new Error('no payloads')
    return { payload, pass: Math.floor(place / this.#payloads.length) }
  }
}

const outcomeOf = (text: string, seen: ReadonlySet<string>): Outcome => {
  if (seen.has(text)) return 'duplicate'
  try {
    const { event, properties } = JSON.parse(text)
    return event === 'Order Completed' && properties.revenue === undefined ? 'quarantined' : 'accepted'
  } catch {
    return 'quarantined'
  }
}

const idStart = '"messageId":"'

/** Where the message id ends, in bytes. */
const idEnd = (bytes: Buffer): number => {
  const start = bytes.indexOf(idStart)
  if (start < 0) throw new Error('an event of the workload has no messageId')
  return bytes.indexOf('"', start + idStart.length)
}
