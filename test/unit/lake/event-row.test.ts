import { describe, expect, it } from 'vitest'
import { plan } from '../../../analytics/plan/plan.ts'
import { decodeRecord } from '../../../shared/core/event/decode.ts'
import { createJudge } from '../../../shared/core/event/judge.ts'
import { eventColumns, eventKeys } from '../../../shared/core/lake/event-columns.ts'
import { readColumn } from '../../../shared/core/lake/read-column.ts'
import { arrivalMs, rawRecord } from '../../support/raw-records.ts'
import { rowByColumn } from '../../support/row-by-column.ts'

const judge = createJudge({ plan, countryOf: () => 'FR' })

const judged = (content: unknown) => {
  const record = rawRecord(content)
  const [item] = decodeRecord(record)
  if (item?.kind !== 'event') throw new Error('not an event')
  const event = judge(item, record)
  if (event.verdict !== 'accepted') throw new Error(event.row)
  return { row: rowByColumn(event.row), text: event.row, fields: event.fields }
}

/** Has a value for every column that is read off an event. */
const full = {
  type: 'page',
  name: 'Home',
  messageId: 'm-1',
  anonymousId: 'anna',
  userId: 'u-1',
  groupId: 'g-1',
  previousId: 'p-1',
  originalTimestamp: arrivalMs - 5_000,
  sentAt: arrivalMs - 1_000,
  properties: { status: 200, title: 'Home' },
  context: {
    ip: '8.8.8.8',
    userAgent:
      'Mozilla/5.0 (Macintosh; Intel Mac OS X 14_6) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.6 Safari/605.1.15',
    locale: 'fr-FR',
    timezone: 'Europe/Paris',
    library: { name: 'lib', version: '1' },
    page: {
      url: 'https://www.example.com/a?utm_source=s&utm_medium=m&utm_campaign=n&utm_term=t&utm_content=c&gclid=1',
      referrer: 'https://www.google.de/',
    },
  },
}

describe('the row of an event', () => {
  it('says in each column what metrics read by its name', () => {
    const { row, fields } = judged(full)
    const names = Object.keys(readColumn)
    expect(names.filter((name) => row[name] === undefined)).toEqual([])
    for (const name of names) expect([name, row[name]]).toEqual([name, fields.get(name)])
  })

  it('has no column that its table does not', () => {
    const known = new Set<string>(eventColumns.map(({ name }) => name))
    const names = Object.keys(judged(full).row).filter((name) => !name.startsWith('properties_'))
    expect(names.filter((name) => !known.has(name))).toEqual([])
  })

  it('has times in milliseconds, and as text those that have not 13 digits', () => {
    const old = '1999-12-31T23:59:59.500Z'
    const { text, row } = judged({ ...full, originalTimestamp: old, sentAt: undefined, timestamp: undefined })
    const written = JSON.parse(text)
    expect(written[eventKeys.received_at]).toBe(arrivalMs)
    expect(written[eventKeys.original_timestamp]).toBe('1999-12-31 23:59:59.500')
    expect(written).not.toHaveProperty(eventKeys.sent_at)
    expect(row).toMatchObject({
      origin: expect.any(String),
      type: 'page',
      received_at: expect.stringContaining(' '),
    })
  })

  it('escapes the quotes that decoding an address brings about', () => {
    const url = 'https://a%22b.example/?utm_source=%22&gclid=%5C'
    const { row, text } = judged({ ...full, context: { page: { url, referrer: url } } })
    expect(row).toMatchObject({ page_url: url, page_host: 'a"b.example', referrer_host: 'a"b.example' })
    expect(row).toMatchObject({ utm_source: '"', click_id: '\\' })
    expect(text).toContain(`"${eventKeys.page_host}":"a\\"b.example"`)
  })

  it('is the same whether or not its JSON came with escapes that it could do without', () => {
    const plain = JSON.stringify(full)
    expect(judged(plain.replaceAll('/', '\\/')).text).toBe(judged(plain).text)
  })
})
