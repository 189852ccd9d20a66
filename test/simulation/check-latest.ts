import type { ExpectedEvent } from './oracle.ts'
import type { World } from './world.ts'

type Newest = { readonly version: number; readonly event: ExpectedEvent; readonly says: string }

/** The latest value table against all accepted events, each entity's newest by version, event time and origin. */
export const checkLatest = (world: World, accepted: readonly ExpectedEvent[], failures: string[]): void => {
  const newest = new Map<string, Newest>()
  for (const event of accepted) {
    const fields = event.accepted?.fields
    const [name, key, version] = ['event', 'properties.listing', 'properties.version'].map((path) =>
      fields?.get(path),
    )
    if ((name !== 'B' && name !== 'C') || typeof key !== 'string' || typeof version !== 'number') continue
    const values = { n: fields?.get('properties.n'), visitor: fields?.get('visitor') }
    const said = { version, event, says: `v${version} ${name === 'C' ? 'deleted' : JSON.stringify(values)}` }
    const known = newest.get(key)
    if (known === undefined || isNewer(said, known)) newest.set(key, said)
  }
  for (const [key, { says }] of newest) {
    const held = world.table.latest.get(`listings#${key}`)
    const got = held && `v${held.version} ${held.deleted ? 'deleted' : JSON.stringify(held.values)}`
    if (got !== says) failures.push(`latest ${key}: ${got}, expected ${says}`)
  }
  if (world.table.latest.size !== newest.size)
    failures.push(`the latest value table has ${world.table.latest.size} entities, expected ${newest.size}`)
}

const isNewer = (a: Newest, b: Newest): boolean => {
  if (a.version !== b.version) return a.version > b.version
  const [timeOfA, timeOfB] = [a.event.accepted?.eventTime ?? 0, b.event.accepted?.eventTime ?? 0]
  return timeOfA === timeOfB ? a.event.origin > b.event.origin : timeOfA > timeOfB
}
