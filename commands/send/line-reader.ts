import { parseAccessLogLine } from '../../shared/core/event/access-log.ts'
import { isObject, parseJson, trim } from '../../shared/core/event/json.ts'
import { LineCounts } from './line-counts.ts'
import type { Line } from './record-packer.ts'

export type Format = 'ndjson' | 'combined'

/** What is to be sent for a line; undefined for a blank one. */
export type LineReader = (bytes: Buffer) => (Line & { readonly isUnderstood: boolean }) | undefined

/** Decides by the first lines: JSON, an access log in the combined format, else JSON that is all broken. */
export function chooseFormat(lines: readonly Buffer[]): Format {
  const first = lines
    .map(trim)
    .filter((line) => line.length > 0)
    .slice(0, 100)
  if (first.some((line) => 'value' in parseJson(line))) return 'ndjson'
  return first.some((line) => parseAccessLogLine(line, 0)) ? 'combined' : 'ndjson'
}

export const lineReader = (format: Format): LineReader =>
  format === 'combined' ? readLogLineWith(new LineCounts()) : readJsonLine

const readJsonLine: LineReader = (bytes) => {
  const line = trim(bytes)
  if (line.length === 0) return undefined
  const parsed = parseJson(line)
  if (!('value' in parsed)) return asItIs(bytes)
  return { bytes, key: visitorOf(parsed.value) ?? line, isJson: true, isUnderstood: true }
}

const readLogLineWith =
  (counts: LineCounts): LineReader =>
  (bytes) => {
    if (trim(bytes).length === 0) return undefined
    const event = parseAccessLogLine(bytes, counts.countBefore(bytes))
    if (!event) return asItIs(bytes)
    const json = Buffer.from(JSON.stringify(event))
    return { bytes: json, key: visitorOf(event) ?? json, isJson: true, isUnderstood: true }
  }

const asItIs = (bytes: Buffer) => ({ bytes, key: bytes, isJson: false, isUnderstood: false })

function visitorOf(value: unknown): string | undefined {
  if (!isObject(value)) return undefined
  const id = value.anonymousId ?? value.userId
  return typeof id === 'string' ? id : undefined
}
