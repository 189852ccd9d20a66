import { beforeAll, expect, it } from 'vitest'
import { compact } from '../../../shared/core/lake/compaction/compact.ts'
import { compiledMetrics, lakeTestTables, MemoryLake } from '../../support/compaction/memory-lake.ts'
import { workload } from '../../support/compaction/workload.ts'
import { sqlTraps } from '../../support/sql-traps.ts'
import { trinoErrors } from '../../support/trino.ts'

const hourMs = 3_600_000
const dayMs = 24 * hourMs
const startMs = Date.UTC(2026, 10, 1)

/** What four nights of compaction have said to Athena, but for names that differ from run to run only. */
let statements: readonly string[]
beforeAll(async () => {
  const lake = await MemoryLake.open(1)
  const options = {
    seed: 1,
    startMs,
    days: 3,
    visitors: 5,
    eventsPerVisitorDay: 4,
    disordered: 0.1,
    veryLate: 0.1,
  }
  const arrivals = workload(options)
  let from = 0
  for (let night = 1; night <= 4; night++) {
    const now = startMs + night * dayMs + hourMs
    const here = arrivals.filter(({ receivedAt }) => receivedAt >= from && receivedAt < now)
    await lake.arrive(here, now)
    from = now
    await compact({ tables: lakeTestTables, metrics: compiledMetrics }, lake.ports())
  }
  statements = [
    ...new Map(lake.athena.statements.map((sql) => [sql.replace(/[0-9a-z]*\d[0-9a-z]*/g, ''), sql])).values(),
  ]
  lake.athena.close()
}, 120_000)

/** Those of tables' partitions are Hive's, as Athena wants them. */
const isHive = (sql: string): boolean => /^\s*ALTER TABLE/.test(sql)

it('is of many kinds', () => {
  const kinds = new Set(statements.map((sql) => /^\s*(\w+ ?(OR REPLACE VIEW|TABLE)?)/.exec(sql)?.[1]?.trim()))
  expect([...kinds].sort()).toEqual(
    expect.arrayContaining(['ALTER TABLE', 'CREATE OR REPLACE VIEW', 'CREATE TABLE', 'DROP TABLE']),
  )
})

it('is SQL that the grammar of Trino takes', async () => {
  for (const sql of statements.filter((statement) => !isHive(statement)))
    expect([sql, await trinoErrors(sql)]).toEqual([sql, []])
})

it('is SQL that Athena and DuckDB read alike', () => {
  for (const sql of statements) expect([sql, sqlTraps(sql)]).toEqual([sql, []])
})
