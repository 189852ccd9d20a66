import { describe, expect, it } from 'vitest'
import { shippedSql } from '../../support/shipped-sql.ts'
import { trinoErrors } from '../../support/trino.ts'

const shipped = await shippedSql()

describe('SQL that the grammar of Trino takes', () => {
  it.each(shipped)('$name', async ({ sql }) => {
    expect(await trinoErrors(sql)).toEqual([])
  })

  it('but not any', async () => {
    for (const sql of ['SELECT a FROM t QUALIFY b = 1', 'SELECT a::int FROM t', 'SELECT [x FOR x IN y]'])
      expect(await trinoErrors(sql)).not.toEqual([])
  })
})
