import type { Readout } from '../../local/metering/readout.ts'

/** What was metered between two readouts. Lists stay those of the later one. */
export function readoutDifference(later: Readout, earlier: Readout): Readout {
  return subtracted(later, earlier) as Readout
}

function subtracted(later: unknown, earlier: unknown): unknown {
  if (typeof later === 'number') return later - (typeof earlier === 'number' ? earlier : 0)
  if (typeof later !== 'object' || later === null || Array.isArray(later)) return later
  const before: object = typeof earlier === 'object' && earlier !== null ? earlier : {}
  return Object.fromEntries(
    Object.entries(later).map(([name, value]) => [name, subtracted(value, Reflect.get(before, name))]),
  )
}
