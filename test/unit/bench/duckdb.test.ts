import { expect, it } from 'vitest'
import { differenceOf } from '../../bench/duckdb.ts'

it('finds a cell that only one of them has, and one that is off by a cent', () => {
  const cells = new Map([['visits direct', 3]])
  expect(differenceOf(cells, cells)).toBeUndefined()
  expect(differenceOf(cells, new Map())).toBe('visits direct: 0 and 3')
  expect(differenceOf(new Map(), cells)).toBe('visits direct: 3 and 0')
  expect(differenceOf(new Map([['revenue EUR', 10.01]]), new Map([['revenue EUR', 10]]))).toContain(
    'revenue EUR',
  )
})
