import {
  DuckDBArrayValue,
  DuckDBBlobValue,
  DuckDBDecimalValue,
  DuckDBListValue,
  DuckDBMapValue,
  DuckDBStructValue,
  DuckDBTimestampTZValue,
  DuckDBTimestampValue,
  type DuckDBValue,
} from '@duckdb/node-api'
import type { PrintedValue } from '../command-line/text-table.ts'

/** What JSON makes of a value of DuckDB: ISO times, numbers where they are exact, null for what is no number. */
export function printedValue(value: DuckDBValue): PrintedValue {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return value
  if (typeof value === 'number') return Number.isFinite(value) ? value : null
  if (typeof value === 'bigint') return safeNumber(value) ?? value.toString()
  if (value instanceof DuckDBTimestampValue || value instanceof DuckDBTimestampTZValue) return isoTime(value)
  if (value instanceof DuckDBDecimalValue) return value.width <= 15 ? value.toDouble() : value.toString()
  if (value instanceof DuckDBListValue || value instanceof DuckDBArrayValue)
    return value.items.map(printedValue)
  if (value instanceof DuckDBStructValue)
    return Object.fromEntries(Object.entries(value.entries).map(([name, item]) => [name, printedValue(item)]))
  if (value instanceof DuckDBMapValue)
    return Object.fromEntries(
      value.entries.map((entry) => [String(printedValue(entry.key)), printedValue(entry.value)]),
    )
  if (value instanceof DuckDBBlobValue) return Buffer.from(value.bytes).toString('base64')
  return value.toString()
}

function safeNumber(value: bigint): number | undefined {
  const number = Number(value)
  return Number.isSafeInteger(number) ? number : undefined
}

function isoTime(value: DuckDBTimestampValue | DuckDBTimestampTZValue): string {
  const time = new Date(Number(value.micros / 1000n))
  // DuckDB knows years that Date does not.
  return Number.isNaN(time.getTime()) ? value.toString() : time.toISOString()
}
