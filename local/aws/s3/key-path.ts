import { AwsError } from '../errors.ts'

/**
 * An object is a plain file at its key. Only what a file system cannot name is written otherwise: an empty part of
 * a key becomes `%`, the parts `.` and `..` and the characters NUL, backslash and percent are percent-encoded.
 */
export function pathOfKey(key: string): string {
  if (key === '' || Buffer.byteLength(key) > 1024)
    throw new AwsError('KeyTooLongError', 'Your key is too long')
  const parts = key.split('/').map(encodePart)
  if (parts.some((part) => Buffer.byteLength(part) > 255)) {
    throw new AwsError('KeyTooLongError', 'A part of this key is longer than the 255 bytes of a file name')
  }
  return parts.join('/')
}

function encodePart(part: string): string {
  if (part === '') return '%'
  if (part === '.' || part === '..') return part.replaceAll('.', '%2E')
  return part.replace(
    /[%\\\0]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
  )
}

/** The part of a key that this file or folder name stands for. */
export function keyPartOf(name: string): string {
  if (name === '%') return ''
  return name.replace(/%([0-9A-F]{2})/g, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)))
}
