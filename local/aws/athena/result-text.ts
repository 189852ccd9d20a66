import type { DuckDBValue } from '@duckdb/node-api'

type Duckdb = typeof import('@duckdb/node-api')

/** A value as Athena writes it into its results; undefined for NULL. The library is handed in: it is loaded late. */
export function resultText(value: DuckDBValue, duckdb: Duckdb, type: string): string | undefined {
  if (value === null) return undefined
  if (typeof value === 'number')
    return type === 'double' || type === 'float' ? javaDouble(value) : String(value)
  if (typeof value !== 'object') return String(value)
  const inner = (item: DuckDBValue) =>
    resultText(item, duckdb, typeof item === 'number' ? numberType(item) : '') ?? 'null'
  if (value instanceof duckdb.DuckDBTimestampValue) return milliseconds(value.micros)
  if (value instanceof duckdb.DuckDBTimestampTZValue) return `${milliseconds(value.micros)} UTC`
  if (value instanceof duckdb.DuckDBListValue || value instanceof duckdb.DuckDBArrayValue)
    return `[${value.items.map(inner).join(', ')}]`
  if (value instanceof duckdb.DuckDBMapValue)
    return `{${value.entries.map(({ key, value: item }) => `${inner(key)}=${inner(item)}`).join(', ')}}`
  if (value instanceof duckdb.DuckDBStructValue)
    return `{${Object.entries(value.entries)
      .map(([name, item]) => `${name}=${inner(item)}`)
      .join(', ')}}`
  if (value instanceof duckdb.DuckDBBlobValue) return hex(value.bytes)
  return value.toString()
}

/** Whether a number in a list was a double is not known here: one with a fraction was. */
const numberType = (value: number): string => (Number.isInteger(value) ? 'integer' : 'double')

function milliseconds(micros: bigint): string {
  const time = new Date(Number(micros / 1000n))
  return Number.isNaN(time.getTime()) ? String(micros) : time.toISOString().replace('T', ' ').replace('Z', '')
}

const hex = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(' ')

/** Java's Double.toString: `1.0`, `0.001`, `1.0E7`, `1.5E-4`. */
export function javaDouble(value: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'NaN' : value > 0 ? 'Infinity' : '-Infinity'
  if (value === 0) return Object.is(value, -0) ? '-0.0' : '0.0'
  const size = Math.abs(value)
  if (size >= 1e-3 && size < 1e7) return withFraction(String(value))
  const [mantissa = '', exponent = ''] = value.toExponential().split('e')
  return `${withFraction(mantissa)}E${Number(exponent)}`
}

const withFraction = (digits: string): string => (digits.includes('.') ? digits : `${digits}.0`)
