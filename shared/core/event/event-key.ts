import { hash } from 'node:crypto'

/** Bytes of an event key. At 128 bits, a billion keys in one lane collide with a chance of 1 in 10^20. */
export const eventKeyBytes = 16

/**
 * What a lane remembers of an accepted event to know its duplicates: 16 bytes in hex. The visitor is part of it: two
 * visitors whose clients number their events 1, 2, 3 are not each other's duplicates, whatever lanes they fall in.
 */
export const eventKey = (visitor: string, eventId: string): string =>
  hash('md5', `${visitor.length} ${visitor} ${eventId}`, 'hex')
