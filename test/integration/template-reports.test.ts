import { beforeAll, describe, expect, it } from 'vitest'
import { reports } from '../../analytics/reports/reports.ts'
import { namedQueries } from '../../commands/query/named-query.ts'
import { mostUnderWayMs } from '../../shared/core/report/plan-runs.ts'
import { reportColumns } from '../../shared/core/report/report-table.ts'
import { listOf, objectAt } from '../support/cloudformation-template.ts'
import { glueTable, type Packaged, packaged, properties, propertiesOf } from '../support/packaged.ts'

let prod: Packaged
beforeAll(async () => {
  prod = await packaged('prod')
}, 60_000)

describe('the runs of reports', () => {
  it('are handed over one by one, with a place for each report and one to spare', () => {
    const [mapping] = propertiesOf(prod, 'AWS::Lambda::EventSourceMapping').filter(
      ({ ScalingConfig }) => ScalingConfig !== undefined,
    )
    expect(mapping).toMatchObject({ BatchSize: 1, ScalingConfig: { MaximumConcurrency: reports.length + 1 } })
  })

  it('come again only when a run can no longer be under way', () => {
    const visibleAfter = Number(properties(prod, 'ReportsQueue').VisibilityTimeout)
    const timeout = Number(properties(prod, 'ReportLambdaFunction').Timeout)
    expect(visibleAfter).toBeGreaterThan(timeout)
    const { maxReceiveCount } = objectAt(properties(prod, 'ReportsQueue'), 'RedrivePolicy')
    expect(mostUnderWayMs).toBe(Number(maxReceiveCount) * visibleAfter * 1000)
    const longest = Math.max(...reports.map(({ timeoutMs }) => timeoutMs))
    expect(timeout * 1000).toBeGreaterThan(longest)
  })

  it('are laid aside after three failures, which an alarm tells of', () => {
    expect(objectAt(properties(prod, 'ReportsQueue'), 'RedrivePolicy')).toEqual({
      deadLetterTargetArn: { 'Fn::GetAtt': ['DeadReportsQueue', 'Arn'] },
      maxReceiveCount: 3,
    })
    expect(properties(prod, 'ReportDeadAlarm')).toMatchObject({
      Dimensions: [{ Name: 'QueueName', Value: 'weir-prod-dead-reports' }],
      Threshold: 0,
    })
  })
})

describe('a table that keeps a report', () => {
  it('has the columns of its query and the time of the run, and a partition a run', async () => {
    const kept = reports.flatMap(({ target, query }) =>
      target.kind === 'table' ? [{ table: target.table, query }] : [],
    )
    expect(kept.length).toBeGreaterThan(0)
    for (const { table, query } of kept) {
      const found = (await namedQueries()).find(({ name }) => name === query)
      if (found === undefined) throw new Error(`no query ${query}`)
      const storage = objectAt(glueTable(prod, table), 'StorageDescriptor')
      expect(listOf(storage.Columns)).toEqual(
        reportColumns(found).map(({ name, type, comment }) => ({ Name: name, Type: type, Comment: comment })),
      )
      expect(storage.Location).toEqual({
        'Fn::Join': ['', ['s3://', { Ref: 'LakeBucket' }, `/reports/${table}/`]],
      })
      expect(listOf(glueTable(prod, table).PartitionKeys)).toMatchObject([{ Name: 'run', Type: 'string' }])
    }
  })
})
