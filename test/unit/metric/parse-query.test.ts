import { describe, expect, it } from 'vitest'
import type { CatalogueEntry } from '../../../shared/core/metric/catalogue.ts'
import { maxWindows, parseQuery, type QueryParameters } from '../../../shared/core/metric/parse-query.ts'

const now = Date.parse('2026-11-30T12:00:00Z')

const metric: CatalogueEntry = {
  name: 'pageViews',
  kind: 'count',
  of: 'page',
  grains: ['1h', '1m'],
  by: ['country', 'channel'],
  description: '',
  unit: '',
}

const parse = (parameters: Partial<QueryParameters>) =>
  parseQuery(metric, { from: undefined, to: undefined, grain: undefined, by: undefined, ...parameters }, now)

describe('parseQuery', () => {
  it('reads the last hour in the finest windows by every dimension unless told otherwise', () => {
    expect(parse({})).toEqual({
      ok: true,
      query: { metric, grain: '1m', fromMs: now - 3_600_000, toMs: now, by: ['country', 'channel'] },
      storedGrain: '1m',
    })
  })

  it.each([
    ['2026-11-30T10:00:00Z', '2026-11-30T11:00:00.000Z'],
    ['1796032800000', '1796036400000'],
    ['2026-11-30T11:00+01:00', '2026-11-30T11:00Z'],
  ])('takes times as ISO 8601 or milliseconds: %s to %s', (from, to) => {
    expect(parse({ from, to })).toMatchObject({ query: { fromMs: now - 7_200_000, toMs: now - 3_600_000 } })
  })

  it('takes a day for its first moment in UTC', () => {
    expect(parse({ from: '2026-11-30', grain: '1h' })).toMatchObject({
      query: { fromMs: now - 12 * 3_600_000 },
    })
  })

  it.each([
    ['', []],
    ['channel', ['channel']],
    ['channel,country,channel', ['channel', 'country']],
  ])('breaks down by "%s"', (by, expected) => {
    expect(parse({ by })).toMatchObject({ query: { by: expected } })
  })

  it('serves a grain that is not stored from the widest below it', () => {
    expect(parse({ grain: '15m' })).toMatchObject({ query: { grain: '15m' }, storedGrain: '1m' })
    expect(parse({ grain: '1d' })).toMatchObject({ query: { grain: '1d' }, storedGrain: '1h' })
  })

  const minutes = (n: number) => String(now - n * 60_000)

  it('reads as many windows as the cap, and not one more', () => {
    expect(parse({ from: minutes(maxWindows) })).toMatchObject({ ok: true })
    expect(parse({ from: minutes(maxWindows + 1) })).toEqual({
      ok: false,
      error: '5001 windows of 1m is more than 5000: ask for a shorter range or a wider grain',
    })
  })

  const timeHint = 'give ISO 8601 with a zone (2026-11-30T12:00:00Z) or milliseconds since 1970'

  it.each([
    [{ from: 'yesterday' }, `from=yesterday: ${timeHint}`],
    [{ to: '2026-11-30T12:00:00' }, `to=2026-11-30T12:00:00: ${timeHint}`],
    [{ to: '2026-13-30T12:00:00Z' }, `to=2026-13-30T12:00:00Z: ${timeHint}`],
    [{ to: '9999999999999999' }, `to=9999999999999999: ${timeHint}`],
    [{ to: '' }, `to=: ${timeHint}`],
    [{ from: '5', to: '5' }, 'from must be before to'],
    [{ grain: '2m' }, 'grain=2m: pageViews has 1h, 1m and what can be merged from them'],
    [{ by: 'country,device' }, 'by=device: pageViews can be broken down by country, channel'],
  ])('refuses %j and says what is right', (parameters, error) => {
    expect(parse(parameters)).toEqual({ ok: false, error })
  })
})
