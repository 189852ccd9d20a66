/**
 * How many distinct hashes a HyperLogLog has seen. Ertl's improved raw estimator, unbiased from 0 upwards
 * without tables (O. Ertl, "New cardinality estimation algorithms for HyperLogLog sketches", arXiv:1702.01284, algorithm 6).
 *
 * histogram: how many registers hold rank 0, 1, … rankBits + 1.
 */
export const estimateCardinality = (histogram: readonly number[], rankBits: number): number => {
  const m = histogram.reduce((total, n) => total + n, 0)
  let z = m * tau(1 - (histogram[rankBits + 1] ?? 0) / m)
  for (let rank = rankBits; rank >= 1; rank--) z = 0.5 * (z + (histogram[rank] ?? 0))
  z += m * sigma((histogram[0] ?? 0) / m)
  return (m * m) / (2 * Math.LN2 * z)
}

/** Registers that are still empty: x + sum of x^(2^k) * 2^(k-1). Infinite when all are. */
const sigma = (x: number): number => {
  if (x === 1) return Number.POSITIVE_INFINITY
  let power = x
  let weight = 1
  let z = x
  for (let before = Number.NaN; z !== before; weight *= 2) {
    before = z
    power *= power
    z += power * weight
  }
  return z
}

/** Registers at their highest rank. */
const tau = (x: number): number => {
  if (x === 0 || x === 1) return 0
  let root = x
  let weight = 1
  let z = 1 - x
  for (let before = Number.NaN; z !== before; ) {
    before = z
    root = Math.sqrt(root)
    weight *= 0.5
    z -= (1 - root) ** 2 * weight
  }
  return z / 3
}
