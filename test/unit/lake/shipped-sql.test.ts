import { describe, expect, it } from 'vitest'
import { shippedSql } from '../../support/shipped-sql.ts'
import { sqlTraps } from '../../support/sql-traps.ts'

const shipped = await shippedSql()

describe('SQL that Athena and DuckDB read alike', () => {
  it.each(shipped)('$name', ({ sql }) => {
    expect(sqlTraps(sql)).toEqual([])
  })
})
