import { hash } from 'node:crypto'

/**
 * 64 well-spread bits of a text as 16 hex digits: the first half of the MD5 of its UTF-8. Nothing rests on its being
 * hard to invert: whoever can pick identifiers can also miscount visitors by inventing them.
 */
export const hash64Hex = (text: string): string => hash('md5', text).slice(0, 16)
