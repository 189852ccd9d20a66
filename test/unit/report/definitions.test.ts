import { describe, expect, it } from 'vitest'
import { reports } from '../../../analytics/reports/reports.ts'
import { namedQueries } from '../../../commands/query/named-query.ts'
import { bindParameters } from '../../../shared/core/lake/named-query.ts'
import {
  csv,
  defineReport,
  defineReports,
  every,
  metric,
  table,
} from '../../../shared/core/report/definitions.ts'
import { fillIn } from '../../../shared/core/report/placeholders.ts'
import { reportColumns } from '../../../shared/core/report/report-table.ts'
import { allowedLatenessMs } from '../../../shared/core/window/timing.ts'

const options = { name: 'pages', query: 'top-pages', schedule: every('15m'), target: csv('pages') }

describe('a report', () => {
  it('waits as long as late events are waited for, and a budget, unless told otherwise', () => {
    expect(defineReport(options)).toMatchObject({
      delayMs: allowedLatenessMs,
      timeoutMs: 120_000,
      maxScannedBytes: 10_000_000_000,
    })
  })

  it.each([
    [{ name: 'Pages' }, 'a name is a small letter'],
    [{ target: table('events_once') }, 'table "events_once" must look like'],
    [{ target: csv('../secret') }, 'csv "../secret" must look like'],
    [{ target: metric('a b', 'views') }, 'metric "a b" must look like'],
    [{ timeoutMs: 600_001 }, 'timeoutMs is at most 600000'],
    [{ maxScannedBytes: 1 }, 'maxScannedBytes is at least'],
    [{ parameters: { from: '{run-soon}' } }, '"soon" is no duration'],
  ])('is refused with %j: %s', (more, problem) => {
    expect(() => defineReport({ ...options, ...more })).toThrow(problem)
  })

  it('shares neither name nor target with another', () => {
    const one = defineReport(options)
    expect(() => defineReports([one, defineReport({ ...options, target: csv('others') })])).toThrow(
      'name pages',
    )
    expect(() => defineReports([one, defineReport({ ...options, name: 'other' })])).toThrow('csv pages')
  })
})

describe.each(reports.map((report) => [report.name, report] as const))('the report %s', (_, report) => {
  it('asks a query that is there, with parameters that it takes', async () => {
    const query = (await namedQueries()).find(({ name }) => name === report.query)
    if (query === undefined) throw new Error(`no query ${report.query}`)
    const noon = Date.UTC(2026, 10, 21, 12)
    const given = Object.entries(report.parameters).map(([name, value]) => [name, fillIn(value, noon)])
    expect(bindParameters(query, Object.fromEntries(given))).toContain('2026-11-2')
    if (report.target.kind === 'table') expect(reportColumns(query).at(-1)?.name).toBe('run_at')
    if (report.target.kind === 'metric')
      expect(query.columns.map(({ name }) => name)).toContain(report.target.column)
  })
})
