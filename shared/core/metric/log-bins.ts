/** A value told from its bin is off by at most this part of itself. */
export const relativeAccuracy = 0.01

const gamma = (1 + relativeAccuracy) / (1 - relativeAccuracy)
const logGamma = Math.log(gamma)

/** Magnitudes below the least count as 0, above the greatest as the greatest: 2,073 bins on each side of 0 at most. */
export const leastMagnitude = 1e-6
export const greatestMagnitude = 1e12

const exponentOf = (magnitude: number): number => Math.ceil(Math.log(magnitude) / logGamma)
const leastExponent = exponentOf(leastMagnitude)
const binsPerSide = exponentOf(greatestMagnitude) - leastExponent + 1

/** Bin 0 holds 0, bin 1 the least positive values, bin -1 the least negative ones: bins sort as their values do. */
export const binOf = (x: number): number => {
  const magnitude = Math.min(Math.abs(x), greatestMagnitude)
  if (magnitude < leastMagnitude) return 0
  const bin = exponentOf(magnitude) - leastExponent + 1
  return x < 0 ? -bin : bin
}

/** The value that is within 1 % of everything in the bin. */
export const binValue = (bin: number): number => {
  if (bin === 0) return 0
  const magnitude = (2 * gamma ** (Math.abs(bin) - 1 + leastExponent)) / (gamma + 1)
  return bin < 0 ? -magnitude : magnitude
}

export const isBin = (bin: unknown): bin is number =>
  typeof bin === 'number' && Number.isInteger(bin) && Math.abs(bin) <= binsPerSide
