import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { plan } from '../../../analytics/plan/plan.ts'
import { type DuckdbLake, openLake } from '../../../commands/lake/duckdb-lake.ts'
import { encodeState, nothingCompacted } from '../../../shared/core/lake/compaction/state.ts'
import { duckdbTypes } from '../../../shared/core/lake/duckdb-types.ts'
import type { Schema } from '../../../shared/core/lake/schema-breaks.ts'
import { type ColumnType, lakeTables } from '../../../shared/core/lake/tables.ts'

const schemaOf = (file: string): Schema =>
  JSON.parse(readFileSync(join(import.meta.dirname, 'schemas', file), 'utf8'))
const tables = lakeTables(plan)
const today: Schema = Object.fromEntries(
  Object.values(tables).map(({ name, columns }) => [
    name,
    Object.fromEntries(columns.map((column) => [column.name, column.type])),
  ]),
)
/** A release of the past, one of today, and one that was rolled back and had columns nobody knows. */
const schemas = { first: schemaOf('0.1.0.json'), now: today, 'rolled back': schemaOf('made-up.json') }

/** A value of each type, the time as is given. */
const sample = (name: string, type: string, of: { at: string; id: string }): string => {
  if (name === 'origin' || name === 'session_id') return `'${of.id}'`
  switch (type) {
    case 'timestamp':
      return `TIMESTAMP '${of.at}'`
    case 'boolean':
      return 'false'
    case 'array<string>':
      return "['x']"
    case 'string':
      return "'text'"
    default:
      return '1'
  }
}

let folder: string
let lake: DuckdbLake

/** One row in a file of its own, with the columns of a schema. */
const write = async (
  path: string,
  columns: Readonly<Record<string, string>>,
  of: { at: string; id: string },
) => {
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  const list = Object.entries(columns).map(
    ([name, type]) => `CAST(${sample(name, type, of)} AS ${duckdbTypes[type as ColumnType]}) AS "${name}"`,
  )
  mkdirSync(dirname(join(folder, path)), { recursive: true })
  await connection.run(`COPY (SELECT ${list.join(', ')}) TO '${join(folder, path)}' (FORMAT parquet)`)
  connection.closeSync()
  instance.closeSync()
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'weir-evolution-'))
  for (const [index, [release, schema]] of Object.entries(schemas).entries()) {
    const after = { at: `2026-11-0${index + 2} 12:00:00`, id: `${release}, streamed` }
    const partition = `dt=2026-11-0${index + 2}/hour=12/0.parquet`
    await write(`events/${partition}`, schema.events ?? {}, after)
    await write(`sessions/${partition}`, schema.sessions ?? {}, after)
    const before = { at: `2026-10-0${index + 1} 12:00:00`, id: `${release}, compacted` }
    const part = `part=2026-10-0${index + 1}.a/0`
    await write(`events_daily/${part}`, schema.events ?? {}, before)
    await write(`sessions_daily/${part}`, schema.sessions ?? {}, before)
  }
  const parts = ['2026-10-01.a', '2026-10-02.a', '2026-10-03.a']
  mkdirSync(join(folder, 'compacted'))
  const state = {
    ...nothingCompacted,
    version: 1,
    through: Date.UTC(2026, 10, 1),
    events: parts,
    sessions: parts,
  }
  writeFileSync(join(folder, 'compacted/state.json'), encodeState(state))
  lake = await openLake(folder)
})
afterAll(() => {
  lake.close()
  rmSync(folder, { recursive: true })
})

describe.each([
  { view: 'events_once', table: 'events', key: 'origin' },
  { view: 'sessions_final', table: 'sessions', key: 'session_id' },
])('$view', ({ view, table, key }) => {
  it('shows the rows of every release, streamed and compacted', async () => {
    const { rows } = await lake.query(`SELECT ${key} FROM ${view} ORDER BY ${key}`)
    expect(rows.flat()).toEqual(
      Object.keys(schemas)
        .flatMap((release) => [`${release}, compacted`, `${release}, streamed`])
        .sort(),
    )
  })

  it.each(Object.entries(schemas))(
    'answers NULL for what release "%s" did not have, and all it had',
    async (release, schema) => {
      const { columns, rows } = await lake.query(`SELECT * FROM ${view} WHERE ${key} LIKE '${release}, %'`)
      expect(rows).toHaveLength(2)
      for (const row of rows) {
        const empty = columns.filter((_, index) => row[index] === null)
        const missing = Object.keys(today[table] ?? {}).filter((name) => schema[table]?.[name] === undefined)
        // person_id comes of what the release did not have either.
        expect(empty.filter((name) => name !== 'person_id')).toEqual(missing)
      }
    },
  )
})
