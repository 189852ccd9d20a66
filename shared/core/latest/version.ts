import { parseTimestamp } from '../event/timestamp.ts'

export const latestVersionTypes = ['integer', 'time'] as const
export type LatestVersionType = (typeof latestVersionTypes)[number]

/** A version as it was sent, and the whole number that it compares by. */
export type Version = { readonly text: string; readonly rank: bigint }

type Scalar = string | number | boolean | undefined

/** undefined: no version of this type. Nothing is rounded: a number that JSON cannot carry exactly is none. */
export const readVersion = (value: Scalar, type: LatestVersionType): Version | undefined =>
  type === 'integer' ? readInteger(value) : readTime(value)

const integerText = /^-?\d{1,38}$/

const readInteger = (value: Scalar): Version | undefined => {
  const isInteger =
    typeof value === 'number'
      ? Number.isSafeInteger(value)
      : typeof value === 'string' && integerText.test(value)
  if (!isInteger) return undefined
  const rank = BigInt(value as number | string)
  return { text: rank.toString(), rank }
}

const timeText = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.(\d{1,9}))?(?:Z|[+-]\d\d:\d\d)$/
const nanosPerSecond = 1_000_000_000n

/** Nanoseconds since 1970: zones are whole minutes, so the fraction stays what it was. */
const readTime = (value: Scalar): Version | undefined => {
  const match = typeof value === 'string' ? timeText.exec(value) : null
  const ms = parseTimestamp(value)
  if (typeof value !== 'string' || match === null || ms === undefined) return undefined
  const seconds = BigInt(Math.floor(ms / 1000))
  return { text: value, rank: seconds * nanosPerSecond + BigInt((match[1] ?? '').padEnd(9, '0')) }
}
