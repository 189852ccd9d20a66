const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

const charCodes = Uint8Array.from(alphabet, (character) => character.charCodeAt(0))

const notADigit = 255
const values = new Uint8Array(256).fill(notADigit)
charCodes.forEach((code, value) => {
  values[code] = value
})

/** One character for each number below 64. Loops, since a dense sketch has 4,096 and is written at each commit. */
export const sixBitsToText = (numbers: Uint8Array): string => {
  const codes = Buffer.allocUnsafe(numbers.length)
  for (let i = 0; i < numbers.length; i++) codes[i] = charCodes[numbers[i] ?? 0] ?? 0
  return codes.toString('latin1')
}

/** Three characters for each number below 2^18, as `sixBitsToText` of its six bits, highest first. */
export const eighteenBitsToText = (numbers: readonly number[]): string => {
  const codes = Buffer.allocUnsafe(numbers.length * 3)
  let at = 0
  for (const number of numbers) {
    codes[at++] = charCodes[number >>> 12] ?? 0
    codes[at++] = charCodes[(number >>> 6) & 63] ?? 0
    codes[at++] = charCodes[number & 63] ?? 0
  }
  return codes.toString('latin1')
}

/** Inverse of `sixBitsToText`. Throws on any other character. */
export const textToSixBits = (text: string): Uint8Array => {
  const numbers = new Uint8Array(text.length)
  for (let i = 0; i < text.length; i++) {
    const value = values[text.charCodeAt(i)] ?? notADigit
    if (value === notADigit) throw new Error(`not six bits: ${JSON.stringify(text[i])}`)
    numbers[i] = value
  }
  return numbers
}
