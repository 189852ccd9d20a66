import type { DecodedItem } from '../event/decode.ts'
import { asBuffer, isUtf8 } from '../event/json.ts'
import type { EpochMs, Origin, QuarantinedEvent, RawRecord } from '../event/outcome.ts'
import { originText } from '../event/outcome.ts'
import { formatTimestamp } from '../event/timestamp.ts'
import type { BadReason, BadReasons } from './bad-row.ts'

export const originOf = (item: DecodedItem, record: RawRecord): Origin => ({
  shardId: record.shardId,
  sequenceNumber: record.sequenceNumber,
  index: item.index,
})

/** An item of a record refused: kept whole, with every reason. */
export const quarantine = (
  item: DecodedItem,
  record: RawRecord,
  why: { readonly reasons: BadReasons; readonly visitor?: string },
): QuarantinedEvent => {
  const { reasons, visitor = '' } = why
  const origin = originOf(item, record)
  const payload = item.kind === 'bad' ? item.payload : item.payload()
  return {
    verdict: 'quarantined',
    origin,
    receivedAt: record.arrivalMs,
    visitor,
    bad: { reasons },
    row: badRow({ origin, receivedAt: record.arrivalMs, visitor, reasons, payload }),
  }
}

/** A control record that `verifyControl` refused. */
export const quarantineControl = (item: DecodedItem, record: RawRecord, message: string): QuarantinedEvent =>
  quarantine(item, record, { reasons: [{ code: 'forged_control', path: '', message }] })

/** undefined when there is no reason to refuse. */
export const asBadReasons = (reasons: readonly BadReason[]): BadReasons | undefined => {
  const [first, ...rest] = reasons
  return first === undefined ? undefined : [first, ...rest]
}

type BadRowParts = {
  readonly origin: Origin
  readonly receivedAt: EpochMs
  readonly visitor: string
  readonly reasons: BadReasons
  readonly payload: Uint8Array
}

/** The row of `bad_events`, one line of JSON. */
const badRow = ({ origin, receivedAt, visitor, reasons, payload }: BadRowParts): string => {
  const bytes = asBuffer(payload)
  const encoding = isUtf8(bytes) ? 'utf8' : 'base64'
  return JSON.stringify({
    origin: originText(origin),
    received_at: formatTimestamp(receivedAt),
    ...(visitor === '' ? {} : { visitor }),
    reason: reasons[0].code,
    reasons: JSON.stringify(reasons),
    payload: bytes.toString(encoding),
    payload_encoding: encoding,
    payload_bytes: bytes.length,
  })
}
