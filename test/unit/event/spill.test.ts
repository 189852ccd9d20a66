import { describe, expect, it } from 'vitest'
import type { BadReason } from '../../../shared/core/bad-row/bad-row.ts'
import type { AcceptedEvent, QuarantinedEvent } from '../../../shared/core/event/outcome.ts'
import { isTooLong, spill } from '../../../shared/core/event/spill.ts'
import { eventRowByKey } from '../../../shared/core/lake/row-keys.ts'
import { maxRowBytes } from '../../../shared/core/lane/packer.ts'
import { dawn, noFacts, rawShard, sequence } from '../../support/lane-events.ts'
import { rowByColumn } from '../../support/row-by-column.ts'

const origin = { shardId: rawShard, sequenceNumber: sequence(1), index: 7 }
const keyPattern = new RegExp(`^overflow/${rawShard}:${sequence(1)}:7-[0-9a-f]{16}\\.json$`)

const accepted = (row: object): AcceptedEvent => ({
  verdict: 'accepted',
  origin,
  receivedAt: dawn,
  eventId: 'event-1',
  visitor: 'a:anna',
  eventTime: dawn,
  session: { ...noFacts, revenue: 0 },
  fields: { get: () => undefined },
  row: JSON.stringify(eventRowByKey({ ...row })),
})

const quarantined = (reasons: readonly [BadReason, ...BadReason[]], row: object): QuarantinedEvent => ({
  verdict: 'quarantined',
  visitor: '',
  origin,
  receivedAt: dawn,
  bad: { reasons },
  row: JSON.stringify({ ...row, reasons: JSON.stringify(reasons) }),
})

const lightRow = (event: AcceptedEvent | QuarantinedEvent) => rowByColumn(spill(event).event.row)

describe('isTooLong', () => {
  it('counts bytes, and lets a row of exactly the limit travel', () => {
    expect(isTooLong('x'.repeat(maxRowBytes))).toBe(false)
    expect(isTooLong('x'.repeat(maxRowBytes + 1))).toBe(true)
    expect(isTooLong('ä'.repeat(maxRowBytes / 2))).toBe(false)
    expect(isTooLong(`${'ä'.repeat(maxRowBytes / 2)}x`)).toBe(true)
    // The most bytes that UTF-8 takes for a UTF-16 unit.
    expect(isTooLong('€'.repeat(Math.ceil(maxRowBytes / 3)))).toBe(true)
  })
})

describe('spill', () => {
  it('keeps the whole row, with the names of its columns, under a key of its origin, and names the key in the row', () => {
    const whole = { event_id: 'event-1', is_bot: false, flags: ['unplanned'], properties: '{}' }
    const event = accepted(whole)
    const { key, row } = spill(event).overflow
    expect(key).toMatch(keyPattern)
    expect(row).toBe(JSON.stringify(whole))
    expect(lightRow(event)).toEqual({
      event_id: 'event-1',
      is_bot: false,
      flags: ['unplanned'],
      payload_key: key,
    })
  })

  it('keeps two rows of one event apart, as code before a deploy and after it may make them', () => {
    const [before, after] = [accepted({ properties: '{}' }), accepted({ properties: '{}', n: 1 })]
    expect(spill(before).overflow.key).toBe(spill(before).overflow.key)
    expect(spill(after).overflow.key).not.toBe(spill(before).overflow.key)
    expect(spill(after).overflow.key).toMatch(keyPattern)
  })

  it('changes nothing of the event but its row', () => {
    const event = accepted({ properties: '{}' })
    expect({ ...spill(event).event, row: event.row }).toEqual(event)
  })

  it.each(['payload', 'properties', 'traits', 'context'])('leaves %s to the object', (column) => {
    const event = accepted({ [column]: 'x' })
    expect(lightRow(event)).toEqual({ payload_key: spill(event).overflow.key })
  })

  it('cuts other texts at 2,048 characters, and leaves no half of a pair', () => {
    expect(lightRow(accepted({ page_url: 'x'.repeat(2_048) })).page_url).toBe('x'.repeat(2_048))
    expect(lightRow(accepted({ page_url: 'x'.repeat(2_049) })).page_url).toBe('x'.repeat(2_048))
    expect(lightRow(accepted({ page_url: `${'x'.repeat(2_047)}😀` })).page_url).toBe(
      `${'x'.repeat(2_047)}\ufffd`,
    )
  })

  it('leaves reasons that still are JSON: the first eight, each cut', () => {
    const reason = (n: number): BadReason => ({
      code: 'bad_properties',
      path: `/properties/${n}/${'p'.repeat(5_000)}`,
      message: 'm'.repeat(5_000),
    })
    const event = quarantined([reason(0), ...Array.from({ length: 99 }, (_, n) => reason(n + 1))], {})
    const reasons: BadReason[] = JSON.parse(lightRow(event).reasons)
    expect(reasons.map(({ path }) => path.slice(0, 13))).toEqual(
      Array.from({ length: 8 }, (_, n) => `/properties/${n}`),
    )
    for (const { path, message } of reasons) expect([path.length, message.length]).toEqual([256, 256])
  })

  it('makes a row that is not too long of one that is', () => {
    const columns = Array.from({ length: 30 }, (_, n) => [`text_${n}`, '€'.repeat(50_000)])
    const event = accepted({ ...Object.fromEntries(columns), properties: 'x'.repeat(1_000_000) })
    expect(isTooLong(event.row)).toBe(true)
    expect(Buffer.byteLength(spill(event).event.row)).toBeLessThan(30 * 3 * 2_100)
  })
})
