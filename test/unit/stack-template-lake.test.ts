import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Athena, openAthena } from '../../local/aws/athena/athena.ts'
import { openS3 } from '../../local/aws/s3/s3.ts'
import { declareAthena } from '../../local/stack/athena-resources.ts'
import type { JsonObject } from '../../local/stack/intrinsic.ts'
import { readTemplate } from '../../local/stack/template.ts'
import { viewText } from '../../shared/core/lake/view-table.ts'

const column = (Name: string, Type: string) => ({ Name, Type, Comment: 'a comment' })

const table = (Name: string, more: JsonObject): JsonObject => ({
  Type: 'AWS::Glue::Table',
  Properties: {
    DatabaseName: { Ref: 'Database' },
    TableInput: {
      Name,
      TableType: 'EXTERNAL_TABLE',
      PartitionKeys: [column('dt', 'string')],
      StorageDescriptor: {
        Location: { 'Fn::Join': ['', ['s3://', { Ref: 'Lake' }, `/${Name}/`]] },
        Columns: [column('id', 'bigint'), column('tags', 'array<string>')],
        InputFormat: 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat',
      },
      ...more,
    },
  },
})

const view = { sql: 'SELECT id FROM projected', database: 'weir_local', columns: [] }

const resources: JsonObject = {
  Lake: { Type: 'AWS::S3::Bucket', Properties: { BucketName: 'weir-local-lake' } },
  Database: { Type: 'AWS::Glue::Database', Properties: { DatabaseInput: { Name: 'weir_local' } } },
  Projected: table('projected', { Parameters: { 'projection.enabled': 'true' } }),
  Parted: table('parted', { Parameters: {} }),
  View: table('seen', { TableType: 'VIRTUAL_VIEW', ViewOriginalText: viewText(view) }),
  Group: {
    Type: 'AWS::Athena::WorkGroup',
    Properties: {
      Name: 'weir-local',
      WorkGroupConfiguration: {
        EnforceWorkGroupConfiguration: false,
        BytesScannedCutoffPerQuery: 10_000_000,
        ResultConfiguration: { OutputLocation: { 'Fn::Sub': 's3://$' + '{Lake}/athena-results/' } },
      },
    },
  },
  Bare: { Type: 'AWS::Athena::WorkGroup', Properties: { Name: 'bare' } },
  Query: {
    Type: 'AWS::Athena::NamedQuery',
    Properties: {
      Name: 'funnel',
      Database: { Ref: 'Database' },
      WorkGroup: { Ref: 'Group' },
      QueryString: 'SELECT 1',
    },
  },
  Prepared: {
    Type: 'AWS::Athena::PreparedStatement',
    Properties: { StatementName: 'funnel', WorkGroup: { Ref: 'Group' }, QueryStatement: 'SELECT ?' },
  },
  Jobs: {
    Type: 'AWS::SQS::Queue',
    Properties: {
      QueueName: 'weir-local-jobs',
      VisibilityTimeout: 900,
      RedrivePolicy: { deadLetterTargetArn: { 'Fn::GetAtt': ['Dead', 'Arn'] }, maxReceiveCount: 3 },
    },
  },
  Dead: {
    Type: 'AWS::SQS::Queue',
    Properties: { QueueName: 'weir-local-dead', MessageRetentionPeriod: 1_209_600 },
  },
  Worker: {
    Type: 'AWS::Lambda::Function',
    Properties: {
      Code: { S3Key: 'worker.zip' },
      Handler: 'worker.handler',
      FunctionName: 'weir-local-worker',
      Environment: { Variables: { QUEUE_URL: { Ref: 'Jobs' } } },
    },
  },
  Mapping: {
    Type: 'AWS::Lambda::EventSourceMapping',
    Properties: {
      EventSourceArn: { 'Fn::GetAtt': ['Jobs', 'Arn'] },
      FunctionName: { 'Fn::GetAtt': ['Worker', 'Arn'] },
      BatchSize: 1,
      ScalingConfig: { MaximumConcurrency: 2 },
      FunctionResponseTypes: ['ReportBatchItemFailures'],
    },
  },
}

describe('queues in a template', () => {
  const { queues, queueMappings, mappings, functions } = readTemplate({ Resources: resources })

  it('have the settings they are given, and the defaults of SQS', () => {
    expect(queues).toEqual([
      {
        name: 'weir-local-jobs',
        visibilityTimeoutMs: 900_000,
        delayMs: 0,
        retentionMs: 345_600_000,
        receiveWaitMs: 0,
        redrive: { deadLetterQueue: 'weir-local-dead', maxReceiveCount: 3 },
      },
      {
        name: 'weir-local-dead',
        visibilityTimeoutMs: 30_000,
        delayMs: 0,
        retentionMs: 1_209_600_000,
        receiveWaitMs: 0,
        redrive: undefined,
      },
    ])
  })

  it('are told to functions by their address', () => {
    expect(functions[0]?.environment.QUEUE_URL).toBe('http://127.0.0.1:4566/000000000000/weir-local-jobs')
  })

  it('have mappings apart from those of streams', () => {
    expect(mappings).toEqual([])
    expect(queueMappings).toEqual([
      {
        id: 'Mapping',
        queueName: 'weir-local-jobs',
        queueArn: 'arn:aws:sqs:us-east-1:000000000000:weir-local-jobs',
        functionName: 'weir-local-worker',
        batchSize: 1,
        windowMs: 0,
        maxConcurrency: 2,
        reportsBatchItemFailures: true,
      },
    ])
  })
})

describe('the lake in a template', () => {
  let folder: string
  let athena: Athena

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'weir-template-'))
    const s3 = openS3({ dataDir: folder, buckets: { 'weir-local-lake': 'lake' } })
    athena = openAthena({ dataDir: folder, s3 })
    declareAthena(athena, readTemplate({ Resources: resources }))
  })
  afterAll(() => rmSync(folder, { recursive: true }))

  it('has tables, projected or with parts of their own', () => {
    const common = {
      format: 'parquet',
      columns: [
        { name: 'id', type: 'bigint' },
        { name: 'tags', type: 'array<string>' },
      ],
      partitionKeys: [{ name: 'dt', type: 'string' }],
    }
    expect(athena.catalogue.entry('weir_local', 'projected')).toEqual({
      kind: 'table',
      table: { ...common, name: 'projected', location: 's3://weir-local-lake/projected/', isProjected: true },
    })
    expect(athena.catalogue.entry('weir_local', 'parted')).toMatchObject({ table: { isProjected: false } })
  })

  it('has views, of which a statement can make others until the next start', () => {
    expect(athena.catalogue.entry('weir_local', 'seen')).toEqual({
      kind: 'view',
      name: 'seen',
      sql: view.sql,
    })
    athena.catalogue.putView('weir_local', 'seen', 'SELECT 2')
    declareAthena(athena, readTemplate({ Resources: resources }))
    expect(athena.catalogue.entry('weir_local', 'seen')).toEqual({
      kind: 'view',
      name: 'seen',
      sql: 'SELECT 2',
    })
  })

  it('has workgroups, which enforce their settings unless they say otherwise', () => {
    expect(athena.workGroup('weir-local')).toEqual({
      name: 'weir-local',
      description: undefined,
      outputLocation: 's3://weir-local-lake/athena-results/',
      isEnforced: false,
      maxScannedBytes: 10_000_000,
    })
    expect(athena.workGroup('bare')).toMatchObject({ isEnforced: true, maxScannedBytes: undefined })
  })

  it('has named queries and prepared statements', () => {
    expect(athena.namedQueries('weir-local')).toEqual([
      {
        id: 'Query',
        name: 'funnel',
        description: undefined,
        database: 'weir_local',
        workGroup: 'weir-local',
        sql: 'SELECT 1',
      },
    ])
    expect(athena.preparedStatements('weir-local')).toEqual([
      { name: 'funnel', description: undefined, workGroup: 'weir-local', sql: 'SELECT ?' },
    ])
  })
})
