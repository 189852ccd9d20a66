import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { plan } from '../../../analytics/plan/plan.ts'
import { type Schema, schemaBreaks } from '../../../shared/core/lake/schema-breaks.ts'
import { lakeTables } from '../../../shared/core/lake/tables.ts'

const folder = join(import.meta.dirname, 'schemas')
const releases = readdirSync(folder).filter((file) => /^\d/.test(file))
const schemaOf = (file: string): Schema => JSON.parse(readFileSync(join(folder, file), 'utf8'))

it.each(releases)('every column of %s is there with its type', (file) => {
  expect(schemaBreaks(schemaOf(file), lakeTables(plan))).toEqual([])
})

describe('schemaBreaks', () => {
  const { persons } = lakeTables([])

  it('names a column that is gone, or was renamed, with the way out', () => {
    expect(schemaBreaks({ persons: { name: 'string' } }, { persons })).toEqual([
      'persons.name is gone; partitions that have it are in the lake. Keep it, and stop writing it.',
    ])
  })

  it('names a column of another type', () => {
    expect(schemaBreaks({ persons: { user_id: 'bigint' } }, { persons })).toEqual([
      'persons.user_id was bigint and is string; partitions cannot change. Give the new one another name.',
    ])
  })

  it('names a table that is gone', () => {
    expect(schemaBreaks({ people: {} }, { persons })).toEqual([
      'people is gone; partitions of it are in the lake. Keep it.',
    ])
  })

  it('has nothing against new columns', () => {
    expect(schemaBreaks({ persons: { user_id: 'string' } }, { persons })).toEqual([])
  })
})
