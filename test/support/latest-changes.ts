import { type LatestChange, orderOf } from '../../shared/core/latest/change.ts'

/** What an event says of an entity of the table `listings`; `from` tells who said it. */
export const latestChange = (
  key: string,
  version: number,
  of: Partial<Pick<LatestChange, 'deleted' | 'values'>> & { readonly from?: number } = {},
): LatestChange => {
  const { from = version, deleted = false } = of
  return {
    table: 'listings',
    key,
    version: String(version),
    order: orderOf({ rank: BigInt(version), eventTime: 1_000, origin: `s:${from}:0` }),
    eventTime: 1_000,
    deleted,
    values: of.values ?? (deleted ? {} : { from }),
    leftOut: [],
  }
}
