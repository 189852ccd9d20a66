/** What the range switch offers. Each asks for windows of one grain, where a metric has it. */

export const minuteMs = 60_000
export const hourMs = 60 * minuteMs
export const dayMs = 24 * hourMs

const grainMs = new Map([
  ['1m', minuteMs],
  ['5m', 5 * minuteMs],
  ['15m', 15 * minuteMs],
  ['1h', hourMs],
  ['1d', dayMs],
])

const grainWords = new Map([
  ['1m', 'per minute'],
  ['5m', 'per 5 minutes'],
  ['15m', 'per 15 minutes'],
  ['1h', 'per hour'],
  ['1d', 'per day'],
])

export const ranges = [
  { id: '1h', words: 'last hour', lengthMs: hourMs, grain: '1m', pollMs: 2_000 },
  { id: '24h', words: 'last 24 hours', lengthMs: dayMs, grain: '1h', pollMs: 3_000 },
  { id: '30d', words: 'last 30 days', lengthMs: 30 * dayMs, grain: '1d', pollMs: 5_000 },
]

/** @param {string} grain */
export const wordsOf = (grain) => grainWords.get(grain) ?? `per ${grain}`

/**
 * The grain of the range, or the finest of a metric that has only wider ones: narrow windows merge into wide ones.
 * @param {{ grain: string }} range @param {readonly string[]} grains
 */
export function grainFor(range, grains) {
  const finest = grains.toSorted((a, b) => lengthOf(a) - lengthOf(b))[0] ?? range.grain
  return lengthOf(finest) > lengthOf(range.grain) ? finest : range.grain
}

/**
 * The windows of a range: half-open, aligned to the grain in UTC, the last one holding `nowMs`.
 * @param {{ lengthMs: number }} range @param {string} grain @param {number} nowMs
 */
export function boundsOf(range, grain, nowMs) {
  const stepMs = lengthOf(grain)
  const toMs = (Math.floor(nowMs / stepMs) + 1) * stepMs
  const windows = Math.max(1, Math.ceil(range.lengthMs / stepMs))
  return { fromMs: toMs - windows * stepMs, toMs }
}

/** @param {string} grain */
function lengthOf(grain) {
  const lengthMs = grainMs.get(grain)
  if (lengthMs === undefined) throw new Error(`unknown grain ${grain}`)
  return lengthMs
}
