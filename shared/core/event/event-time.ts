import type { Flag } from './flag.ts'
import type { EpochMs } from './outcome.ts'
import { earliestMs, parseTimestamp } from './timestamp.ts'

export type ClientTimes = {
  readonly timestamp: unknown
  readonly originalTimestamp: unknown
  readonly sentAt: unknown
}

export type EventTimes = {
  readonly eventTime: EpochMs
  readonly originalTimestamp: EpochMs | undefined
  readonly sentAt: EpochMs | undefined
}

/** How far ahead of its arrival an event may claim to be: what an honest clock may be off by. */
export const futureToleranceMs = 5 * 60_000

/**
 * When the event happened. With both of the client's times, what its clock is off by drops out:
 * receivedAt − (sentAt − originalTimestamp). Odd times are left out and flagged, never fatal.
 */
export const eventTimes = (client: ClientTimes, receivedAt: EpochMs, flags: Flag[]): EventTimes => {
  const timestamp = cleaned(client.timestamp, flags)
  const original = cleaned(client.originalTimestamp, flags)
  const sentAt = cleaned(client.sentAt, flags)
  const originalTimestamp = original ?? timestamp
  if (originalTimestamp === undefined) flag(flags, 'synthetic_time')
  const claimed =
    originalTimestamp !== undefined && sentAt !== undefined
      ? receivedAt - (sentAt - originalTimestamp)
      : (timestamp ?? original ?? receivedAt)
  return { eventTime: plausible(claimed, receivedAt, flags), originalTimestamp, sentAt }
}

const plausible = (claimed: EpochMs, receivedAt: EpochMs, flags: Flag[]): EpochMs => {
  if (claimed > receivedAt + futureToleranceMs) {
    flag(flags, 'clock_clamped')
    return receivedAt
  }
  if (claimed < earliestMs) {
    flag(flags, 'bad_timestamp')
    return receivedAt
  }
  return claimed
}

const cleaned = (value: unknown, flags: Flag[]): EpochMs | undefined => {
  if (value === undefined || value === null) return undefined
  const ms = parseTimestamp(value)
  if (ms === undefined) flag(flags, 'bad_timestamp')
  return ms
}

const flag = (flags: Flag[], name: Flag): void => {
  if (!flags.includes(name)) flags.push(name)
}
