import { hash } from 'node:crypto'

const magic = [0xf3, 0x89, 0x9a, 0xc2] as const
const md5Bytes = 16
const recordsField = 3
const dataField = 3
const lengthDelimited = 2

export const isKplAggregate = (bytes: Uint8Array): boolean =>
  bytes.length >= magic.length && magic.every((byte, at) => bytes[at] === byte)

/**
 * The user records inside a KPL aggregate, in order; undefined when it is cut off or damaged.
 * Layout: magic, protobuf, MD5 of the protobuf
 * (https://github.com/awslabs/amazon-kinesis-producer/blob/master/aggregation-format.md).
 */
export const decodeKplAggregate = (bytes: Uint8Array): readonly Uint8Array[] | undefined => {
  const end = bytes.length - md5Bytes
  if (end < magic.length) return undefined
  const message = bytes.subarray(magic.length, end)
  const digest = Buffer.from(bytes.buffer, bytes.byteOffset + end, md5Bytes)
  if (!hash('md5', message, 'buffer').equals(digest)) return undefined
  const records: Uint8Array[] = []
  for (const record of fields(message)) {
    if (record === undefined) return undefined
    if (record.number !== recordsField) continue
    let data: Uint8Array | undefined
    for (const field of fields(record.bytes)) {
      if (field === undefined) return undefined
      if (field.number === dataField) data = field.bytes
    }
    if (data === undefined) return undefined
    records.push(data)
  }
  return records
}

type Field = { readonly number: number; readonly bytes: Uint8Array }

/** Fields of one protobuf message; varints come with no bytes. Yields undefined, and ends, where the bytes make no sense. */
function* fields(message: Uint8Array): Generator<Field | undefined> {
  let at = 0
  const varint = (): number => {
    let value = 0
    for (let scale = 1; scale <= 2 ** 42; scale *= 128) {
      const byte = message[at++]
      if (byte === undefined) return -1
      value += (byte & 0x7f) * scale
      if (byte < 0x80) return value
    }
    return -1
  }
  while (at < message.length) {
    const key = varint()
    const value = varint()
    const wireType = key & 7
    const isBytes = wireType === lengthDelimited
    if (key < 0 || value < 0 || (!isBytes && wireType !== 0) || (isBytes && at + value > message.length)) {
      yield undefined
      return
    }
    yield { number: key >>> 3, bytes: message.subarray(at, isBytes ? at + value : at) }
    if (isBytes) at += value
  }
}
