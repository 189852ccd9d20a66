import { DuckDBInstance } from '@duckdb/node-api'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { decodeRecord } from '../../shared/core/event/decode.ts'
import { createJudge } from '../../shared/core/event/judge.ts'
import type { AcceptedEvent } from '../../shared/core/event/outcome.ts'
import { formatTimestamp } from '../../shared/core/event/timestamp.ts'
import { duckdbDialect } from '../../shared/core/lake/duckdb-dialect.ts'
import { latestViews } from '../../shared/core/lake/latest-view.ts'
import { keepNewest, type LatestChange } from '../../shared/core/latest/change.ts'
import { compileLatest, maxKeyLength } from '../../shared/core/latest/compile.ts'
import { defineLatest, latest } from '../../shared/core/latest/definitions.ts'
import { rowByColumn } from '../support/row-by-column.ts'

const values = ['properties.price', 'properties.name', 'properties.open', 'properties.place.city', 'user_id']
const tables = defineLatest({
  counted: latest({
    of: 'Changed',
    key: 'properties.id',
    version: 'properties.version',
    values,
    delete: { event: 'Removed' },
  }),
  timed: latest({
    of: 'Changed',
    key: 'user_id',
    version: 'properties.at',
    versionType: 'time',
    values,
    delete: { field: 'properties.gone', is: true },
  }),
})
const latestOf = compileLatest(tables)
const views = latestViews(tables, [{ name: 'properties_price', type: 'double' }])
const judge = createJudge({ plan: [], countryOf: () => '' })

// Versions on both sides of everything that is told apart, few enough to collide.
const version = fc.oneof(
  fc.constantFrom<unknown>(0, -1, 2, '2', '02', '-0', -3, '10', 9_007_199_254_740_991, 9_007_199_254_740_992),
  fc.constantFrom<unknown>('9007199254740992', '9007199254740993', '9'.repeat(38), '9'.repeat(39)),
  fc.constantFrom<unknown>(1.5, 1e22, '1.0', '', 'x', true, null, [1], { a: 1 }, undefined),
)
const time = fc.constantFrom<unknown>(
  '2026-11-20T12:00:00Z',
  '2026-11-20T12:00:00.1Z',
  '2026-11-20T12:00:00.100000001Z',
  '2026-11-20T13:00:00.05+01:00',
  '2026-11-20T06:29:59.999-05:30',
  '2026-02-30T12:00:00Z',
  '2026-11-20T12:00:00',
  1_795_176_000_000,
  undefined,
)
const id = fc.oneof(
  fc.constantFrom<unknown>('A', 'B', 7, '7', '🪑'.repeat(maxKeyLength), 'x'.repeat(maxKeyLength + 1)),
  fc.constantFrom<unknown>('', 1.5, 1e16, true, null, ['A'], { id: 'A' }, '"', "O'Neil", undefined),
)
const value = fc.constantFrom<unknown>('Stuhl', '', 'quo"te', 0.1, -0, 12, true, null, [1], {}, undefined)
/** Of a planned property: the plan lets nothing else through. */
const price = fc.constantFrom(0.1, -0, 12, 1e21, 1e-7, undefined)
const said = fc.record({
  event: fc.constantFrom('Changed', 'Changed', 'Removed', 'Other'),
  userId: fc.constantFrom('u-1', 'u-2'),
  minute: fc.integer({ min: 0, max: 2 }),
  properties: fc.record({
    id,
    version,
    at: time,
    price,
    name: value,
    open: value,
    gone: fc.constantFrom<unknown>(true, false, 'true', undefined),
    place: fc.constantFrom<unknown>({ city: 'Köln' }, { city: 5 }, 'nowhere', undefined),
  }),
})

const acceptedOf = ({ event, userId, minute, properties }: Said, n: number): AcceptedEvent => {
  const timestamp = new Date(Date.UTC(2026, 10, 20, 11, minute)).toISOString()
  const body = { type: 'track', messageId: `m-${n}`, event, userId, timestamp, properties }
  const record = {
    shardId: 'shardId-000000000000',
    sequenceNumber: String(495 + n),
    partitionKey: 'p',
    arrivalMs: Date.UTC(2026, 10, 20, 12),
    data: Buffer.from(JSON.stringify(body)),
  }
  const [item] = decodeRecord(record)
  const judged = item === undefined || item.kind === 'control' ? undefined : judge(item, record)
  if (judged?.verdict !== 'accepted') throw new Error(`not accepted: ${JSON.stringify(body)}`)
  return judged
}
type Said = typeof said extends fc.Arbitrary<infer T> ? T : never

describe('the view of a latest value table', () => {
  let instance: DuckDBInstance
  let run: (sql: string) => Promise<unknown[][]>

  beforeAll(async () => {
    instance = await DuckDBInstance.create(':memory:')
    const connection = await instance.connect()
    run = async (sql) => (await connection.runAndReadAll(sql)).getRowsJson()
    for (const statement of duckdbDialect) await run(statement)
    await run(
      'CREATE TABLE events_once (event varchar, user_id varchar, event_time timestamp, origin varchar, properties varchar)',
    )
    for (const [name, { sql }] of Object.entries(views)) await run(`CREATE VIEW ${name} AS ${sql}`)
  })
  afterAll(() => instance.closeSync())

  it('has the columns that the catalogue is told of', async () => {
    const described = await run(
      'SELECT column_name, lower(column_type) FROM (DESCRIBE SELECT * FROM latest_counted)',
    )
    const told = views.latest_counted?.columns.map(({ name, type }) => [
      name,
      type.replace('string', 'varchar'),
    ])
    expect(described).toEqual(told)
  })

  it('shows what the table in DynamoDB holds', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(said, { minLength: 1, maxLength: 25 }), async (all) => {
        const events = all.map(acceptedOf)
        const newest = new Map<string, LatestChange>()
        for (const event of events) for (const change of latestOf(event)) keepNewest(newest, change)
        await run('DELETE FROM events_once')
        await run(`INSERT INTO events_once VALUES ${events.map(rowOf).join(', ')}`)
        for (const name of Object.keys(tables)) {
          const shown = await run(
            `SELECT key, version, CAST(event_time AS varchar), origin, deleted,
               price, name, open, place_city, user_id FROM latest_${name}`,
          )
          const held = [...newest.values()].filter(({ table }) => table === name).map(shownAs)
          expect(sorted(shown)).toEqual(sorted(held))
        }
      }),
      { numRuns: 40 },
    )
  })
})

const rowOf = (event: AcceptedEvent): string => {
  const row: Record<string, string> = rowByColumn(event.row)
  const columns = ['event', 'user_id', 'event_time', 'origin', 'properties']
  return `(${columns.map((name) => (row[name] === undefined ? 'NULL' : `'${row[name].replaceAll("'", "''")}'`)).join(', ')})`
}

/** Values are text, but for the price, of which there is a column. */
const shownAs = (change: LatestChange): unknown[] => {
  const text = (name: string) => (name in change.values ? String(change.values[name]) : null)
  const price = 'price' in change.values ? Number(change.values.price) + 0 : null
  const time = formatTimestamp(change.eventTime).replace(/\.000$/, '')
  const { key, version, order, deleted } = change
  const origin = order.slice(order.lastIndexOf(' ') + 1)
  return [key, version, time, origin, deleted, price, ...['name', 'open', 'place_city', 'user_id'].map(text)]
}

const sorted = (rows: readonly unknown[][]): string[] => rows.map((row) => JSON.stringify(row)).toSorted()
