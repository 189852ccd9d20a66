import { hash } from 'node:crypto'
import { crc32 } from 'node:zlib'
import { AwsError } from '../errors.ts'
import { type AwsRequest, header } from '../http.ts'

/** The bytes of the object in a PUT, unwrapped from aws-chunked framing and checked against every checksum sent. */
export function objectBytes(request: AwsRequest): Buffer {
  const isChunked =
    header(request, 'content-encoding')?.includes('aws-chunked') ||
    header(request, 'x-amz-content-sha256')?.startsWith('STREAMING-')
  const { bytes, trailers } = isChunked ? unwrap(request.body) : { bytes: request.body, trailers: new Map() }
  const declared = header(request, 'x-amz-decoded-content-length')
  if (declared !== undefined && Number(declared) !== bytes.length) {
    throw new AwsError(
      'IncompleteBody',
      `The body holds ${bytes.length} bytes where ${declared} were declared`,
    )
  }
  checkDigests(bytes, (name) => trailers.get(name) ?? header(request, name))
  return bytes
}

/** Chunks are `size-in-hex[;chunk-signature=…]CRLF bytes CRLF`; after the one of size 0 come the trailers. */
function unwrap(body: Buffer): { bytes: Buffer; trailers: Map<string, string> } {
  const chunks: Buffer[] = []
  let at = 0
  for (;;) {
    const lineEnd = body.indexOf('\r\n', at)
    const size = lineEnd < 0 ? Number.NaN : Number.parseInt(body.toString('latin1', at, lineEnd), 16)
    const start = lineEnd + 2
    if (Number.isNaN(size) || start + size > body.length) {
      throw new AwsError('IncompleteBody', 'The request body terminated unexpectedly')
    }
    if (size === 0) {
      const [only] = chunks
      const bytes = only && chunks.length === 1 ? only : Buffer.concat(chunks)
      return { bytes, trailers: trailersIn(body.toString('latin1', start)) }
    }
    chunks.push(body.subarray(start, start + size))
    at = start + size + 2
  }
}

function trailersIn(text: string): Map<string, string> {
  return new Map(
    text.split('\r\n').flatMap((line) => {
      const colon = line.indexOf(':')
      return colon < 0 ? [] : [[line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim()]]
    }),
  )
}

const digests: Record<string, (bytes: Buffer) => string> = {
  'content-md5': (bytes) => hash('md5', bytes, 'base64'),
  'x-amz-checksum-crc32': (bytes) => {
    const out = Buffer.alloc(4)
    out.writeUInt32BE(crc32(bytes))
    return out.toString('base64')
  },
  'x-amz-checksum-sha1': (bytes) => hash('sha1', bytes, 'base64'),
  'x-amz-checksum-sha256': (bytes) => hash('sha256', bytes, 'base64'),
}

/** CRC32C and CRC64NVME are taken unchecked: Node has no native form of them. */
function checkDigests(bytes: Buffer, sent: (name: string) => string | undefined): void {
  for (const [name, digest] of Object.entries(digests)) {
    const expected = sent(name)
    if (expected === undefined || expected === digest(bytes)) continue
    if (name === 'content-md5') {
      throw new AwsError('BadDigest', 'The Content-MD5 you specified did not match what we received.')
    }
    throw new AwsError(
      'BadDigest',
      `The ${name.slice('x-amz-checksum-'.length).toUpperCase()} you specified did not match what we received.`,
    )
  }
}
