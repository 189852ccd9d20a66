import priceList from './prices.json' with { type: 'json' }

/** What AWS bills by, in the units of its price list. */
export type BillableUnit = keyof typeof priceList.prices

/** How many of each unit a month takes. */
export type Usage = Readonly<Record<BillableUnit, number>>

export type Bill = {
  /** Dollars a month. */
  readonly total: number
  readonly terms: Readonly<Record<BillableUnit, number>>
}

export const billableUnits = Object.keys(priceList.prices).filter(
  (name): name is BillableUnit => name in priceList.prices,
)

export const priceNotes = { asOf: priceList.asOf, region: priceList.region, source: priceList.source }

export const unitName = (unit: BillableUnit): string => priceList.prices[unit].name

/** A month's usage at list prices, without free tiers. */
export const billOf = (usage: Usage): Bill => {
  const terms = Object.fromEntries(
    billableUnits.map((unit) => {
      const { usd, per } = priceList.prices[unit]
      return [unit, (usage[unit] * usd) / per]
    }),
  ) as Record<BillableUnit, number>
  return { total: Object.values(terms).reduce((sum, dollars) => sum + dollars, 0), terms }
}
