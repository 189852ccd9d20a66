import type { FileHandle } from 'node:fs/promises'

/** A field of a row; undefined is NULL. */
export type Field = string | undefined

/** A line of Athena's result CSV: all values in quotes, NULL as nothing. */
export function csvLine(fields: readonly Field[]): string {
  const line = fields
    .map((field) => (field === undefined ? '' : `"${field.replaceAll('"', '""')}"`))
    .join(',')
  return `${line}\n`
}

export type Page = {
  readonly rows: readonly Field[][]
  /** Where the next page begins; undefined after the last row. */
  readonly next: number | undefined
}

const readBytes = 256 * 1024
/** A page ends after this, so that an answer fits into memory. */
const maxPageBytes = 8 * 1024 * 1024
const quote = 0x22
const newline = 0x0a

/** Rows of a result CSV, from a byte that begins a row. */
export async function readPage(file: FileHandle, o: { offset: number; maxRows: number }): Promise<Page> {
  const rows: Field[][] = []
  const { size } = await file.stat()
  let offset = o.offset
  let wantedBytes = readBytes
  while (rows.length < o.maxRows && offset < size && offset - o.offset < maxPageBytes) {
    const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(wantedBytes), 0, wantedBytes, offset)
    const used = takeRows(buffer.subarray(0, bytesRead), rows, o.maxRows)
    offset += used
    // A row larger than what was read.
    wantedBytes = used === 0 ? wantedBytes * 2 : readBytes
  }
  return { rows, next: offset < size ? offset : undefined }
}

function takeRows(piece: Buffer, rows: Field[][], maxRows: number): number {
  let start = 0
  let isQuoted = false
  for (let at = 0; at < piece.length && rows.length < maxRows; at++) {
    if (piece[at] === quote) isQuoted = !isQuoted
    if (piece[at] !== newline || isQuoted) continue
    rows.push(fieldsOf(piece.toString('utf8', start, at)))
    start = at + 1
  }
  return start
}

function fieldsOf(line: string): Field[] {
  const fields = line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)")?/g)
  return Array.from(fields, ([, text]) => text?.replaceAll('""', '"'))
}
