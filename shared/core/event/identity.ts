import { hash } from 'node:crypto'
import type { Envelope } from './envelope.ts'
import type { Flag } from './flag.ts'

/** Segment's limit of a messageId. */
export const maxIdChars = 100

/** No id of a person is longer; one that is would only fill the state of a lane. */
export const maxVisitorIdChars = 256

export type Identity = {
  readonly eventId: string
  readonly visitor: string
  readonly anonymousId: string
  readonly userId: string
  readonly groupId: string
  readonly previousId: string
}

/** Who did it and what it is called; an event that does not say gets its origin for a name, which stays the same on every retry. */
export const identify = (event: Envelope, origin: string, flags: Flag[]): Identity => {
  const messageId = idText(event.messageId, maxIdChars, flags)
  const anonymousId = idText(event.anonymousId, maxVisitorIdChars, flags)
  const userId = idText(event.userId, maxVisitorIdChars, flags)
  if (messageId === '') flags.push('synthetic_id')
  if (anonymousId === '' && userId === '') flags.push('no_identity')
  return {
    eventId: messageId || origin,
    visitor: visitorOf(anonymousId, userId, messageId || origin),
    anonymousId,
    userId,
    groupId: idText(event.groupId, maxVisitorIdChars, flags),
    previousId: idText(event.previousId, maxVisitorIdChars, flags),
  }
}

/** Nobody's event is a visitor of its own, by its id: sent again it is in the same lane, and known for a duplicate. */
const visitorOf = (anonymousId: string, userId: string, eventId: string): string => {
  if (anonymousId !== '') return `a:${anonymousId}`
  return userId !== '' ? `u:${userId}` : `o:${eventId}`
}

/** A hash, not the first characters, stands for an id that is too long: two long ids may well begin alike. */
const idText = (id: string | number | undefined, maxChars: number, flags: Flag[]): string => {
  if (id === undefined) return ''
  const text = String(id).toWellFormed()
  if (text.length <= maxChars) return text
  if (!flags.includes('long_id')) flags.push('long_id')
  return `sha256:${hash('sha256', text, 'hex')}`
}
