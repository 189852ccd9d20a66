import { expect, it } from 'vitest'
import { compareWithDuckdb } from '../../bench/duckdb.ts'

it('has DuckDB come to the same sessions and metrics as the lanes', async () => {
  // Over an hour of arrival: sessions end, and their visitors come again.
  const { totals } = await compareWithDuckdb(12)
  const metrics = new Set([...totals.keys()].map((cell) => cell.split(' ')[0]))
  expect(metrics).toEqual(new Set(['pageViews', 'events', 'visits', 'bouncedVisits', 'orders', 'revenue']))
}, 120_000)
