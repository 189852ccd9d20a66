import { createRecordWriter, type OutgoingRecord, type RecordWriter } from '../../shared/aws/kinesis.ts'
import { fileLines } from './file-lines.ts'
import { chooseFormat, type Format, lineReader } from './line-reader.ts'
import { maxLineBytes, RecordPacker } from './record-packer.ts'

export type Sent = {
  readonly format: Format
  readonly lines: number
  /** Lines that were understood; the others went as they are. */
  readonly understood: number
  /** Numbers of the lines that fit into no record. */
  readonly tooLong: readonly number[]
  readonly records: number
  /** Of what was put into the stream. */
  readonly bytes: number
}

/** How many bytes of records go in one call. */
const callBytes = 2 * 1024 * 1024

/** Sends every line of a file, in order. `onProgress` hears how many bytes of the file were read, and lines. */
export async function sendFile(options: {
  readonly path: string
  readonly format: Format | 'auto'
  readonly streamName: string
  /** Of the open shards. */
  readonly startingHashKeys: readonly string[]
  readonly onProgress: (bytesRead: number, lines: number) => void
}): Promise<Sent> {
  const { path, streamName, startingHashKeys, onProgress } = options
  const packer = new RecordPacker(startingHashKeys)
  const sender = new OrderedSender(createRecordWriter({ streamName, maxInFlight: 1 }))
  const file = fileLines(path, maxLineBytes)
  const tooLong: number[] = []
  let [lineNumber, lines, understood] = [0, 0, 0]
  let format = options.format === 'auto' ? undefined : options.format
  let read: ReturnType<typeof lineReader> | undefined

  for await (const batch of file) {
    format ??= chooseFormat(batch)
    read ??= lineReader(format)
    for (const bytes of batch) {
      lineNumber++
      const line = read(bytes)
      if (!line) continue
      lines++
      const ready = packer.add(line)
      if (!ready) tooLong.push(lineNumber)
      else if (line.isUnderstood) understood++
      for (const record of ready ?? []) if (sender.add(record)) await sender.send()
    }
    onProgress(file.bytesRead(), lines)
  }
  for (const record of packer.rest()) sender.add(record)
  await sender.send()
  await sender.end()
  const { records, bytes } = sender
  return { format: format ?? 'ndjson', lines, understood, tooLong, records, bytes }
}

/** One call at a time, so that records keep their order; the next is filled while one is under way. */
class OrderedSender {
  records = 0
  bytes = 0
  readonly #writer: RecordWriter
  #waiting: OutgoingRecord[] = []
  #waitingBytes = 0
  #underWay: Promise<unknown> = Promise.resolve()

  constructor(writer: RecordWriter) {
    this.#writer = writer
  }

  /** True when it is time to send. */
  add(record: OutgoingRecord): boolean {
    this.#waiting.push(record)
    this.#waitingBytes += record.data.length
    this.records++
    this.bytes += record.data.length
    return this.#waitingBytes >= callBytes || this.#waiting.length >= 500
  }

  /** Returns when the call before this one has ended. */
  async send(): Promise<void> {
    await this.#underWay
    if (this.#waiting.length === 0) return
    this.#underWay = this.#writer.put(this.#waiting)
    // Whoever awaits it next gets the error; until then it is not to be taken for one that nobody handles.
    this.#underWay.catch(() => {})
    this.#waiting = []
    this.#waitingBytes = 0
  }

  async end(): Promise<void> {
    await this.#underWay
  }
}
