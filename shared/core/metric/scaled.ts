/** Sums are kept in millionths, as integers: an order of additions that changes the last bit cannot exist. */
const decimals = 6

/** At 1e21 a number's shortest text turns to exponents, and its next neighbour is 131,072 away. */
export const maxMagnitude = 1e21

/**
 * A number in millionths, as decimal text: `12.5` gives `'12500000'`. Rounded exactly, from the number's binary
 * value (`toFixed` is defined so), halves upwards in magnitude. The number must be finite and below `maxMagnitude`.
 */
export const toScaled = (x: number): string => {
  if (!isAddable(x)) throw new RangeError(`cannot scale ${x}: it must be finite and below 1e21 in magnitude`)
  return BigInt(x.toFixed(decimals).replace('.', '')).toString()
}

export const isAddable = (x: number): boolean => Math.abs(x) < maxMagnitude

/** Millionths as plain decimal text, exact: `-12500000n` gives `'-12.5'`. */
export const scaledToDecimal = (scaled: bigint): string => {
  const sign = scaled < 0n ? '-' : ''
  const digits = (scaled < 0n ? -scaled : scaled).toString().padStart(decimals + 1, '0')
  const fraction = digits.slice(-decimals).replace(/0+$/, '')
  return `${sign}${digits.slice(0, -decimals)}${fraction === '' ? '' : `.${fraction}`}`
}

/** The nearest number; above 2^53 millionths it may differ from the sum in its 16th digit. */
export const scaledToNumber = (scaled: bigint): number => Number(scaledToDecimal(scaled))

/** Inverse of `scaledToDecimal`, also for text with an exponent. Throws when it is no whole number of millionths. */
export const decimalToScaled = (decimal: string): bigint => {
  const match = /^(-?\d+)(?:\.(\d+))?(?:[eE]([+-]?\d{1,3}))?$/.exec(decimal)
  if (match === null) throw new Error(`not a decimal: ${decimal}`)
  const [, whole = '', fraction = '', exponent = '0'] = match
  const digits = BigInt(whole + fraction)
  const places = decimals - fraction.length + Number(exponent)
  if (places >= 0) return digits * 10n ** BigInt(places)
  const divisor = 10n ** BigInt(-places)
  if (digits % divisor !== 0n) throw new Error(`more than ${decimals} decimals: ${decimal}`)
  return digits / divisor
}
