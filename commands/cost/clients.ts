import { gzipSync } from 'node:zlib'
import type { WireMessage } from '../../local/demo/faults.ts'
import { integer, pick, seeded } from '../../local/demo/random.ts'
import shop from '../../local/demo/shop.json' with { type: 'json' }
import { createTraffic } from '../../local/demo/traffic.ts'
import type { OutgoingRecord } from '../../shared/aws/kinesis.ts'
import type { Scenario } from './scenario.ts'

export type ClientsOptions = {
  readonly scenario: Pick<Scenario, 'eventBytes' | 'eventsPerRecord' | 'gzip'>
  readonly eventsPerSecond: number
  /** Only the first event of each visitor is sent: sessions are opened with little work. */
  readonly firstOnly?: boolean
  readonly startMs: number
  readonly seed: number
}

export type Clients = {
  /** What they send until then. */
  takeUntil(nowMs: number): { readonly records: OutgoingRecord[]; readonly events: number }
}

/** The visitors of the demo's shop, as many as the rate needs, their events filled up to the size that is asked for. */
export function createClients(options: ClientsOptions): Clients {
  const { scenario, eventsPerSecond, startMs, seed } = options
  const traffic = createTraffic({ random: seeded(seed), eventsPerSecond, startMs })
  const random = seeded(seed + 1)
  let lastMs = startMs
  const seen = new Set<unknown>()

  function isWanted(anonymousId: unknown): boolean {
    if (!options.firstOnly) return true
    if (seen.has(anonymousId)) return false
    seen.add(anonymousId)
    return true
  }

  /** So many bytes of what was on the page: repetitive like the rest of an event, with numbers that are not. */
  function filler(bytes: number): string {
    const shown: string[] = []
    let left = bytes - emptyFiller.length
    for (;;) {
      const impression = integer(random, 0x100000, 0xffffff).toString(16)
      const one = `${pick(random, products)},"impression":"${impression}"}`
      // The last one is cut to measure, as a text.
      if (left < one.length + 1) return fillerOf(shown, one.replaceAll('"', "'").slice(0, Math.max(0, left)))
      shown.push(one)
      left -= one.length + (shown.length > 1 ? 1 : 0)
    }
  }

  function filled(event: object): string {
    const text = JSON.stringify(event)
    const missing = scenario.eventBytes - Buffer.byteLength(text)
    return missing < emptyFiller.length ? text : text.replace(contextBegins, contextBegins + filler(missing))
  }

  /** Step by step: traffic that was not asked for long enough is not made up for. */
  function dueUntil(nowMs: number): WireMessage[] {
    const messages: WireMessage[] = []
    for (; lastMs < nowMs; lastMs = Math.min(nowMs, lastMs + stepMs)) {
      messages.push(...traffic.takeDue(Math.min(nowMs, lastMs + stepMs)))
    }
    return messages
  }

  return {
    takeUntil(nowMs) {
      const messages = dueUntil(nowMs).filter(({ anonymousId }) => isWanted(anonymousId))
      const texts = messages.map((message) => {
        const event = { ...message, sentAt: new Date(nowMs).toISOString() }
        return filled(event)
      })
      return { records: inRecords(texts, scenario), events: texts.length }
    },
  }
}

const stepMs = 60_000

/** Each without its end: an impression comes there. */
const products = shop.products.map((product) => JSON.stringify(product).slice(0, -1))
const contextBegins = '"context":{'
const fillerOf = (shown: readonly string[], more: string): string =>
  `"shown":[${shown.join(',')}],"more":"${more}",`
const emptyFiller = fillerOf([], '')

let key = 0

function inRecords(
  texts: readonly string[],
  { eventsPerRecord, gzip }: ClientsOptions['scenario'],
): OutgoingRecord[] {
  const records: OutgoingRecord[] = []
  for (let at = 0; at < texts.length; at += eventsPerRecord) {
    const text = texts.slice(at, at + eventsPerRecord).join('\n')
    records.push({ data: gzip ? gzipSync(text) : Buffer.from(text), partitionKey: String(key++ % 10_000) })
  }
  return records
}
