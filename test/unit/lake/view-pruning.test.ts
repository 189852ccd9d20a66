import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Compacted } from '../../../shared/core/lake/compacted.ts'
import { ViewLake } from './view-lake.ts'

const days = ['2026-10-30', '2026-10-31', '2026-11-01']
const parts = days.map((day) => `${day}.a`)
const compacted = { version: 1, through: Date.UTC(2026, 10, 2), events: parts, sessions: [], persons: null }

let folder: string
let lake: ViewLake
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'weir-pruning-'))
  lake = await ViewLake.open()
  for (const [index, part] of parts.entries()) {
    mkdirSync(join(folder, `part=${part}`))
    const row = {
      origin: `o${index}`,
      event: 'Page Viewed',
      page_path: '/',
      event_time: `${days[index]} 12:00:00`,
    }
    await lake.insert('events_daily', { ...row, session_id: 's', part })
    await lake.run(
      `COPY (SELECT * EXCLUDE (part) FROM events_daily WHERE part = '${part}') TO '${folder}/part=${part}/0.parquet' (FORMAT parquet)`,
    )
  }
  await lake.run('DROP TABLE events_daily')
  await lake.run(
    `CREATE VIEW events_daily AS FROM read_parquet('${folder}/*/*.parquet', hive_partitioning = true, hive_types_autocast = false)`,
  )
})
afterAll(() => {
  lake.close()
  rmSync(folder, { recursive: true })
})

type PlanNode = {
  readonly name?: string
  readonly operator_name?: string
  readonly extra_info: { readonly Projections?: string | string[]; readonly 'Total Files Read'?: string }
  readonly children: readonly PlanNode[]
}

const scans = (node: PlanNode): PlanNode[] => [
  ...((node.name ?? node.operator_name ?? '').includes('PARQUET') ? [node] : []),
  ...node.children.flatMap(scans),
]

/** The places of a plan where Parquet is read: only events_daily is Parquet here. */
const scansOf = async (explain: string, sql: string, of: Compacted): Promise<PlanNode[]> => {
  const [[, json] = []] = await lake.rows(`EXPLAIN (${explain}) ${sql}`, of)
  const plan: PlanNode | PlanNode[] = JSON.parse(String(json))
  return [plan].flat().flatMap(scans)
}

const columnsRead = async (sql: string): Promise<string[]> => {
  const found = await scansOf('FORMAT JSON', sql, compacted)
  return [...new Set(found.flatMap((scan) => scan.extra_info.Projections ?? []))].sort()
}

const filesRead = async (sql: string, of: Compacted = compacted): Promise<number> => {
  const found = await scansOf('ANALYZE, FORMAT JSON', sql, of)
  return found.reduce((sum, scan) => sum + Number(scan.extra_info['Total Files Read']), 0)
}

describe('events_once', () => {
  // The key of the join that finds the person is read by every query; nothing else is that was not asked for.
  it.each([
    ['SELECT page_path, count(*) FROM events_once GROUP BY page_path', ['anonymous_id', 'page_path']],
    ['SELECT count(DISTINCT person_id) FROM events_once', ['anonymous_id', 'user_id', 'visitor']],
    ['SELECT count(DISTINCT session_id) FROM events_once', ['anonymous_id', 'session_id']],
  ])('reads of the daily parts what was asked for: %s', async (sql, columns) => {
    expect(await columnsRead(sql)).toEqual(columns)
  })

  it.each([
    ["day = '2026-10-31'", 1],
    ["day >= '2026-10-31' AND day <= '2026-11-01'", 2],
    ["day >= CAST(CAST(TIMESTAMP '2026-11-01 00:00:00' AS date) AS varchar)", 1],
    ["day > '2026-11-01'", 0],
    ['true', 3],
  ])('opens the files of the days asked for only: %s', async (condition, files) => {
    const sql = `SELECT count(page_path) FROM events_once WHERE ${condition}`
    expect(await lake.rows(sql, compacted)).toEqual([[files]])
    expect(await filesRead(sql)).toBe(files)
  })

  it('opens no file of a part that is not named', async () => {
    const some = { ...compacted, events: parts.slice(1) }
    expect(await filesRead('SELECT count(page_path) FROM events_once', some)).toBe(2)
  })
})
