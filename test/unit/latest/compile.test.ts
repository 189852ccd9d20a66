import { describe, expect, it } from 'vitest'
import { decodeRecord } from '../../../shared/core/event/decode.ts'
import { createJudge } from '../../../shared/core/event/judge.ts'
import type { AcceptedEvent } from '../../../shared/core/event/outcome.ts'
import { compileLatest, maxKeyLength, maxValueBytes } from '../../../shared/core/latest/compile.ts'
import { latest } from '../../../shared/core/latest/definitions.ts'
import { arrivalMs, rawRecord } from '../../support/raw-records.ts'

const judge = createJudge({ plan: [], countryOf: () => '' })

const eventOf = (event: string, properties: object): AcceptedEvent => {
  const record = rawRecord({
    type: 'track',
    event,
    messageId: 'm-1',
    anonymousId: 'anna',
    timestamp: '2026-11-20T11:59:00.000Z',
    properties,
  })
  const [item] = decodeRecord(record)
  const judged = item === undefined || item.kind === 'control' ? undefined : judge(item, record)
  if (judged?.verdict !== 'accepted') throw new Error('not accepted')
  return judged
}

const definition = {
  of: 'Listing Changed',
  key: 'properties.id',
  version: 'properties.version',
  values: ['properties.name', 'properties.price', 'properties.open', 'properties.address.city'],
}
const changesOf = (event: AcceptedEvent, more: object = {}) =>
  compileLatest({ listings: latest({ ...definition, ...more }) })(event)

describe('what an event says of an entity', () => {
  it('is its key, version, place in the order of all events, and values', () => {
    const event = eventOf('Listing Changed', {
      id: 'L-1',
      version: 3,
      name: 'Chair',
      price: 12.5,
      open: false,
      address: { city: 'Köln' },
    })
    expect(changesOf(event)).toEqual([
      {
        table: 'listings',
        key: 'L-1',
        version: '3',
        order:
          '100000000000000000000000000000000000003 001795175940000 ' +
          'shardId-000000000003:49581544954143914480256700934210366840104395343224897586:0',
        eventTime: Date.UTC(2026, 10, 20, 11, 59),
        deleted: false,
        values: { name: 'Chair', price: 12.5, open: false, address_city: 'Köln' },
        leftOut: [],
      },
    ])
  })

  it('is nothing when it is another event', () => {
    expect(changesOf(eventOf('Listing Seen', { id: 'L-1', version: 3 }))).toEqual([])
  })

  it.each([
    { version: 3 },
    { id: '', version: 3 },
    { id: 1.5, version: 3 },
    { id: 'x'.repeat(maxKeyLength + 1), version: 3 },
    { id: ['L-1'], version: 3 },
    { id: 'L-1' },
    { id: 'L-1', version: 'three' },
  ])('is nothing without a key and a version: %j', (properties) => {
    expect(changesOf(eventOf('Listing Changed', properties))).toEqual([])
  })

  it('may be known by an integer, and by text up to the longest', () => {
    const longest = '🪑'.repeat(maxKeyLength)
    expect(changesOf(eventOf('Listing Changed', { id: 17, version: 3 }))[0]?.key).toBe('17')
    expect(changesOf(eventOf('Listing Changed', { id: longest, version: 3 }))[0]?.key).toBe(longest)
  })

  it('leaves out whole what is too large, and says so', () => {
    const name = 'x'.repeat(maxValueBytes - 2)
    const [fits] = changesOf(eventOf('Listing Changed', { id: 'L-1', version: 3, name }))
    const [tooLarge] = changesOf(
      eventOf('Listing Changed', { id: 'L-1', version: 3, name: `${name}x`, price: 1, open: 1e300 }),
    )
    expect(fits).toMatchObject({ values: { name }, leftOut: [] })
    expect(tooLarge).toMatchObject({ values: { price: 1 }, leftOut: ['name', 'open'] })
  })
})

describe('a deletion', () => {
  const deleted = { key: 'L-1', version: '4', deleted: true, values: {}, leftOut: [] }

  it('is an event of its own', () => {
    const event = eventOf('Listing Removed', { id: 'L-1', version: 4, name: 'Chair' })
    expect(changesOf(event, { delete: { event: 'Listing Removed' } })).toEqual([
      expect.objectContaining(deleted),
    ])
  })

  it('or what a field says', () => {
    const options = { delete: { field: 'properties.gone', is: true } }
    const gone = eventOf('Listing Changed', { id: 'L-1', version: 4, gone: true })
    const there = eventOf('Listing Changed', { id: 'L-1', version: 4, gone: false })
    expect(changesOf(gone, options)).toEqual([expect.objectContaining(deleted)])
    expect(changesOf(there, options)).toEqual([expect.objectContaining({ deleted: false })])
  })

  it('is forgotten so many days after its arrival, when the table says so', () => {
    const event = eventOf('Listing Removed', { id: 'L-1', version: 4 })
    const options = { delete: { event: 'Listing Removed' }, forgetDeletedAfterDays: 30 }
    expect(changesOf(event, options)[0]?.expiresAt).toBe(arrivalMs / 1000 + 30 * 86_400)
    expect(changesOf(eventOf('Listing Changed', { id: 'L-1', version: 4 }), options)[0]).not.toHaveProperty(
      'expiresAt',
    )
  })
})
