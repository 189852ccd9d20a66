import { describe, expect, it } from 'vitest'
import tables from '../../../analytics/latest.ts'
import { defineLatest, latest, valueName } from '../../../shared/core/latest/definitions.ts'

const listing = { of: 'Listing Changed', key: 'properties.id', version: 'properties.version', values: [] }
const defining = (name: string, options: Parameters<typeof latest>[0]) => () =>
  defineLatest({ [name]: latest(options) })

describe('a latest value table', () => {
  it('takes integers as versions and remembers the deleted for ever, unless told otherwise', () => {
    expect(latest(listing)).toMatchObject({
      versionType: 'integer',
      delete: undefined,
      forgetDeletedAfterDays: undefined,
    })
  })

  it.each([
    ['Listings', listing, 'a name is a small letter'],
    ['listings', { ...listing, of: '' }, '"of" is empty'],
    ['listings', { ...listing, key: 'properties.a-b' }, '"properties.a-b" is no field'],
    ['listings', { ...listing, values: ['properties'] }, undefined],
    ['listings', { ...listing, values: ['properties.a.b', 'properties.a_b'] }, 'would be called "a_b"'],
    ['listings', { ...listing, values: ['properties.deleted'] }, 'would be called "deleted"'],
    ['listings', { ...listing, delete: { event: 'Listing Changed' } }, 'the same event'],
    ['listings', { ...listing, delete: { field: 'x.y', is: true } }, '"x.y" is no field'],
    ['listings', { ...listing, forgetDeletedAfterDays: 14 }, '15 is the least'],
    ['listings', { ...listing, forgetDeletedAfterDays: 15 }, undefined],
  ])('%s of %o: %s', (name, options, problem) => {
    if (problem === undefined) expect(defining(name, options)).not.toThrow()
    else expect(defining(name, options)).toThrow(problem)
  })

  it('names values by their path', () => {
    expect(['properties.address.City', 'geo_country', 'traits.plan'].map(valueName)).toEqual([
      'address_city',
      'geo_country',
      'plan',
    ])
  })

  it('is declared in analytics/latest.ts', () => {
    expect(Object.keys(tables)).toEqual(['listings'])
  })
})
