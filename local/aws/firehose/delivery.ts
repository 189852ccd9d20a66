import { createWriteStream } from 'node:fs'
import { open, stat, unlink } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import type { S3 } from '../s3/s3.ts'
import { bufferedRecords } from './buffer-file.ts'
import type { DocumentColumn } from './columns.ts'
import { documentsIn } from './documents.ts'
import type { ParquetConverter } from './parquet.ts'
import { evaluatePrefix, formatUtc } from './prefix.ts'

/** A delivery stream as its CloudFormation properties say, defaults filled in. */
export type Destination = {
  name: string
  bucket: string
  prefix: string
  errorOutputPrefix: string
  intervalMs: number
  maxBufferBytes: number
  compression: 'UNCOMPRESSED' | 'GZIP'
  fileExtension: string
  conversion?: {
    columns: readonly DocumentColumn[]
    compression: 'snappy' | 'zstd' | 'gzip' | 'uncompressed'
  }
}

export type Delivery = {
  destination: Destination
  s3: S3
  converter: ParquetConverter
  bufferPath: string
  /** Names the object, so that delivering the same buffer again after a crash replaces it. */
  id: string
  /** Arrival of the buffer's first record. */
  arrivalMs: number
  attempt: number
}

type Refused = { raw: Buffer; reason: string }

const pieceBytes = 8 * 1024 * 1024

/** Brings what a buffer file holds to S3. Throws, having lost nothing, when that fails. */
export async function deliver(delivery: Delivery): Promise<void> {
  if (delivery.destination.conversion) await deliverConverted(delivery, delivery.destination.conversion)
  else await deliverAsIs(delivery)
}

async function deliverAsIs(delivery: Delivery): Promise<void> {
  const { s3, destination } = delivery
  const draft = s3.draftPath()
  async function* contents() {
    for await (const records of bufferedRecords(delivery.bufferPath))
      for (const { data } of records) yield data
  }
  if (destination.compression === 'GZIP') await pipeline(contents, createGzip(), createWriteStream(draft))
  else await pipeline(contents, createWriteStream(draft))
  if ((await stat(draft)).size > 0)
    await s3.putFile({ bucket: destination.bucket, key: objectKey(delivery), draft })
  else await unlink(draft)
}

async function deliverConverted(
  delivery: Delivery,
  { columns, compression }: NonNullable<Destination['conversion']>,
): Promise<void> {
  const { s3, destination, converter } = delivery
  const linesPath = s3.draftPath()
  const parquetPath = s3.draftPath()
  const refused: Refused[] = []
  let piece = 0
  try {
    for await (const { lineCount, unreadable } of linePieces(delivery.bufferPath, linesPath)) {
      piece++
      refused.push(...unreadable.map((raw) => ({ raw, reason: 'The document is not UTF-8 text' })))
      if (lineCount === 0) continue
      const converted = await converter({ linesPath, lineCount, columns, parquetPath, compression })
      refused.push(...converted.refused.map(({ line, reason }) => ({ raw: Buffer.from(line), reason })))
      if (converted.rowCount === 0) continue
      await s3.putFile({ bucket: destination.bucket, key: objectKey(delivery, piece), draft: parquetPath })
    }
    if (refused.length > 0) {
      await s3.putObject(destination.bucket, errorKey(delivery), errorLines(delivery, refused))
    }
  } finally {
    for (const path of [linesPath, parquetPath]) await unlink(path).catch(() => {})
  }
}

/**
 * Writes the documents of a buffer file to `linesPath`, 8 MiB at a time, so that converting documents of any size
 * has enough memory. Firehose would make one object of them; here a large buffer makes several.
 */
async function* linePieces(
  bufferPath: string,
  linesPath: string,
): AsyncGenerator<{ lineCount: number; unreadable: Buffer[] }> {
  let file = await open(linesPath, 'w')
  let unreadable: Buffer[] = []
  let lineCount = 0
  let bytes = 0
  try {
    for await (const records of bufferedRecords(bufferPath)) {
      let lines: Buffer[] = []
      for (const { data } of records) {
        const documents = documentsIn(data)
        lines.push(documents.lines)
        unreadable.push(...documents.unreadable)
        lineCount += documents.count
        bytes += documents.lines.length
        if (bytes < pieceBytes) continue
        await file.writeFile(lines)
        await file.close()
        yield { lineCount, unreadable }
        file = await open(linesPath, 'w')
        lines = []
        unreadable = []
        lineCount = 0
        bytes = 0
      }
      await file.writeFile(lines)
    }
  } finally {
    await file.close()
  }
  yield { lineCount, unreadable }
}

function objectKey(delivery: Delivery, piece = 1): string {
  const { destination, arrivalMs, id } = delivery
  const prefix = evaluatePrefix(destination.prefix, { arrivalMs, random: id })
  const suffix = piece > 1 ? `-${piece}` : ''
  return `${prefix}${fileName(delivery)}${suffix}${destination.fileExtension}`
}

function errorKey(delivery: Delivery): string {
  const { destination, arrivalMs, id } = delivery
  const errorType = 'format-conversion-failed'
  return (
    evaluatePrefix(destination.errorOutputPrefix, { arrivalMs, errorType, random: id }) + fileName(delivery)
  )
}

function fileName({ destination, arrivalMs, id }: Delivery): string {
  return `${destination.name}-1-${formatUtc('yyyy-MM-dd-HH-mm-ss', arrivalMs)}-${id}`
}

/** As documented under "Handling errors for data format conversion". */
function errorLines(delivery: Delivery, refused: readonly Refused[]): Buffer {
  const lines = refused.map(({ raw, reason }) =>
    JSON.stringify({
      attemptsMade: delivery.attempt,
      arrivalTimestamp: delivery.arrivalMs,
      lastErrorCode: 'DataFormatConversion.ParseError',
      lastErrorMessage: reason,
      attemptEndingTimestamp: Date.now(),
      rawData: raw.toString('base64'),
    }),
  )
  return Buffer.from(`${lines.join('\n')}\n`)
}
