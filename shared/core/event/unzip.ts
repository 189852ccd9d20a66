import { gunzipSync } from 'node:zlib'
import type { BadReasonCode } from '../bad-row/bad-row.ts'

export const isGzip = (bytes: Uint8Array): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b

export type Refusal = { readonly code: BadReasonCode; readonly message: string }

/** The unzipped bytes, all members one after the other; or why there are none. Never makes more than `maxBytes` of them. */
export const unzip = (bytes: Buffer, maxBytes: number): Buffer | Refusal => {
  const bomb: Refusal = {
    code: 'gzip_bomb',
    message: `unzips to more than the ${maxBytes} bytes left for this record`,
  }
  try {
    // maxOutputLength must be at least 1, and one byte over the budget is over it
    const unzipped = gunzipSync(bytes, { maxOutputLength: maxBytes + 1 })
    return unzipped.length > maxBytes ? bomb : unzipped
  } catch (error) {
    const { code, message } = error as { code?: string; message: string }
    if (code === 'ERR_BUFFER_TOO_LARGE') return bomb
    return { code: code === 'Z_BUF_ERROR' ? 'truncated_gzip' : 'bad_gzip', message }
  }
}
