import { isTooLong } from '../../shared/core/event/spill.ts'
import { rowByColumn } from '../support/row-by-column.ts'
import type { Expected, ExpectedEvent } from './oracle.ts'
import { type Row, rowsByName } from './rows.ts'
import type { World } from './world.ts'

export type Lake = {
  /** The events that were accepted, each once. */
  readonly accepted: readonly ExpectedEvent[]
  /** Rows of the table `events` by origin. */
  readonly events: ReadonlyMap<string, Row>
}

/** One copy of each event, the first that came to its lane, and every bad row, with the very text that was judged. */
export const checkLake = (world: World, expected: Expected, failures: string[]): Lake => {
  const events = rowsByName(world.lake.rows.events, 'origin', failures)
  const bad = rowsByName(world.lake.rows.bad, 'origin', failures)
  const accepted: ExpectedEvent[] = []
  for (const [first, ...others] of expected.copies) {
    if (first === undefined) continue
    accepted.push(first)
    if (!events.has(first.origin)) failures.push(`event ${first.origin} is lost`)
    for (const { origin } of others) {
      world.scheduler.play('event lost to a copy of it')
      if (events.has(origin)) failures.push(`event ${first.origin} is in the lake as ${origin} too`)
    }
  }
  if (events.size > accepted.length)
    failures.push(`the lake has ${events.size} events, expected ${accepted.length}`)
  let quarantined = 0
  for (const { origin, verdict } of expected.events.values()) {
    if (verdict !== 'quarantined') continue
    quarantined++
    if (!bad.has(origin)) failures.push(`bad event ${origin} is lost`)
  }
  if (bad.size > quarantined) failures.push(`${bad.size} bad rows, expected ${quarantined}`)
  checkTexts(world, expected, failures)
  return { accepted, events }
}

const checkTexts = (world: World, expected: Expected, failures: string[]): void => {
  const packed = new Set<string>()
  for (const event of expected.events.values()) {
    checkPacked(world, event, failures)
    packed.add(String(event.first.event.row))
  }
  for (const text of world.lake.rows.bad)
    if (!packed.has(text)) failures.push(`a bad row that nobody judged: ${text.slice(0, 200)}`)
  for (const text of world.lake.rows.events)
    if (!packed.has(`{${text.slice(text.indexOf(',') + 1)}`))
      failures.push(`an event row that nobody judged: ${text.slice(0, 200)}`)
}

/** The row that came to the lane is the one judged, or is short and names where that one is. */
const checkPacked = (
  world: World,
  { origin, row, verdict, first }: ExpectedEvent,
  failures: string[],
): void => {
  const { event } = first
  const packed = String(event.row)
  if (event.verdict !== verdict) failures.push(`${origin} was packed as ${event.verdict}, judged ${verdict}`)
  if (!isTooLong(row, world.limits.maxRowBytes)) {
    if (packed !== row) failures.push(`${origin} was packed with another row: ${packed.slice(0, 200)}`)
    return
  }
  world.scheduler.play('row put aside')
  const { origin: named, payload_key: key } = rowByColumn(packed)
  const aside = world.objects.objects.get(String(key))
  if (named !== origin || !String(key).startsWith(`overflow/${origin}-`))
    failures.push(`${origin} does not say where the rest of it is`)
  if (aside === undefined) failures.push(`what was put aside of ${origin} is lost`)
  else if (Buffer.from(aside.bytes).toString('utf8') !== JSON.stringify(rowByColumn(row)))
    failures.push(`what was put aside of ${origin} is not its row`)
}
