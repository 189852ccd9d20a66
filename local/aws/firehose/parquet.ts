import { mkdirSync } from 'node:fs'
import type { DuckDBConnection } from '@duckdb/node-api'
import { openKeyLocks } from '../key-locks.ts'
import type { DocumentColumn } from './columns.ts'
import { convertGood } from './convert-good.ts'
import { convertJudged } from './convert-judged.ts'

export type Conversion = {
  /** A file of JSON documents, one a line. */
  linesPath: string
  lineCount: number
  columns: readonly DocumentColumn[]
  parquetPath: string
  compression: 'snappy' | 'zstd' | 'gzip' | 'uncompressed'
}

export type Converted = {
  /** 0: nothing was good, and the Parquet file is not to be used. */
  rowCount: number
  /** Documents that do not parse or do not fit their columns, as they were. */
  refused: { line: string; reason: string }[]
}

export type ParquetConverter = (conversion: Conversion) => Promise<Converted>

/** Between two pieces of one delivery, but not between two deliveries. */
const lingerMs = 100
/** After so many an instance holds 100 MB, and each more makes it 10. */
const maxConversions = 3

/**
 * DuckDB, loaded when first needed. One conversion at a time, so that its memory has one bound; and an instance for a few
 * of them only: a new one takes 20 ms, and gives back what the old one kept.
 */
export function openParquetConverter(temporaryFolder: string): ParquetConverter {
  mkdirSync(temporaryFolder, { recursive: true })
  const oneAtATime = openKeyLocks()
  let open: { connection: DuckDBConnection; close(): void; conversions: number } | undefined
  let closing: NodeJS.Timeout | undefined

  const close = () => {
    open?.close()
    open = undefined
  }
  return (conversion) =>
    oneAtATime('duckdb', async () => {
      clearTimeout(closing)
      open ??= { ...(await openDuckDb(temporaryFolder)), conversions: 0 }
      try {
        return await convert(open.connection, conversion)
      } finally {
        if (++open.conversions >= maxConversions) close()
        else closing = setTimeout(close, lingerMs).unref()
      }
    })
}

async function openDuckDb(temporaryFolder: string) {
  const { DuckDBInstance } = await import('@duckdb/node-api')
  const limits = { memory_limit: '200MB', threads: '1', temp_directory: temporaryFolder }
  const instance = await DuckDBInstance.create(':memory:', limits)
  const connection = await instance.connect()
  const close = () => {
    connection.closeSync()
    instance.closeSync()
  }
  return { connection, close }
}

/** What is all good, as almost always, takes a third of the time that it takes to judge each line. */
export async function convert(connection: DuckDBConnection, conversion: Conversion): Promise<Converted> {
  const rowCount = await convertGood(connection, conversion)
  return rowCount === conversion.lineCount ? { rowCount, refused: [] } : convertJudged(connection, conversion)
}
