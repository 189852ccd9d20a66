import { defineLatest, latest } from '../shared/core/latest/definitions.ts'

/**
 * Tables of how things are now: of each entity the newest version that came, in whatever order, and nothing older.
 * `GET /v1/latest/listings/L-17` reads one; the view `latest_listings` has all of them for SQL.
 */
export default defineLatest({
  listings: latest({
    of: 'Listing Changed',
    key: 'properties.listing_id',
    version: 'properties.version',
    values: [
      'properties.name',
      'properties.category',
      'properties.price',
      'properties.currency',
      'properties.available',
    ],
    delete: { event: 'Listing Removed' },
    description: 'Every listing as it is now',
  }),
})
