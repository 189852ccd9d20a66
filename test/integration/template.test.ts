import { loadAwsServiceSpecSync } from '@aws-cdk/aws-service-spec'
import { describe, expect, it } from 'vitest'
import { plan } from '../../analytics/plan/plan.ts'
import { lakeTables, partitionColumns } from '../../shared/core/lake/tables.ts'
import { viewSql } from '../../shared/core/lake/view-table.ts'
import { lakeViews } from '../../shared/core/lake/views.ts'
import { checkProperties } from '../support/cloudformation-properties.ts'
import { checkReferences } from '../support/cloudformation-references.ts'
import { allowStatements, unscopedResources, wildcardActions } from '../support/cloudformation-statements.ts'
import { isObject, type Json, listOf, objectAt } from '../support/cloudformation-template.ts'
import {
  type Change,
  capitalized,
  changed,
  delivery,
  environment,
  glueTable,
  packaged,
  properties,
  propertiesOf,
} from '../support/packaged.ts'
import { allowedActions, functionNames } from '../support/role-actions.ts'

const spec = loadAwsServiceSpecSync()
const [local, prod] = await Promise.all([packaged('local'), packaged('prod')])

describe.each([local, prod])('the template of stage $stage', ({ template }) => {
  it('has only resources, properties and values that AWS knows, and all that it requires', () => {
    expect(checkProperties(template, spec)).toEqual([])
  })

  it('refers only to resources and attributes that exist', () => {
    expect(checkReferences(template, spec)).toEqual([])
  })
})

describe('the checks of the template', () => {
  it.each<[string, string, Change, string]>([
    ['an unknown property', 'RawStream', (stream) => ({ ...stream, Colour: 'red' }), 'RawStream.Colour'],
    ['a missing one', 'EnrichLambdaFunction', ({ Code: _, ...rest }) => rest, 'EnrichLambdaFunction.Code'],
    ['a wrong value', 'RawStream', (stream) => ({ ...stream, ShardCount: 'two' }), 'RawStream.ShardCount'],
  ])('report %s', (_name, logicalId, change, at) => {
    const problems = checkProperties(changed(prod.template, logicalId, change), spec)
    expect(problems.map((problem) => problem.at)).toEqual([at])
  })

  it.each<[string, Json]>([
    ['a Ref', { Ref: 'RawStrem' }],
    ['a GetAtt', { 'Fn::GetAtt': ['LaneStream', 'Am'] }],
  ])('report %s that leads nowhere', (_name, Name) => {
    const broken = changed(prod.template, 'RawStream', (stream) => ({ ...stream, Name }))
    expect(checkReferences(broken, spec).map((problem) => problem.at)).toEqual(['RawStream.Name'])
  })
})

describe('names', () => {
  it.each([
    ['AWS::Kinesis::Stream', 'Name', ['lanes', 'raw']],
    ['AWS::KinesisFirehose::DeliveryStream', 'DeliveryStreamName', ['bad', 'events', 'raw', 'sessions']],
    ['AWS::DynamoDB::Table', 'TableName', ['latest', 'metrics', 'reports']],
    ['AWS::SQS::Queue', 'QueueName', ['dead-reports', 'reports']],
    ['AWS::Lambda::Function', 'FunctionName', [...functionNames].sort()],
  ])('of each %s are weir-<stage>-<name>', (type, property, names) => {
    expect(
      propertiesOf(prod, type)
        .map((properties) => properties[property])
        .sort(),
    ).toEqual(names.map((name) => `weir-prod-${name}`))
  })

  it('of buckets end in the account on AWS, and not on the laptop', () => {
    expect([properties(local, 'LakeBucket').BucketName, properties(local, 'StateBucket').BucketName]).toEqual(
      ['weir-local-lake', 'weir-local-state'],
    )
    expect([properties(prod, 'LakeBucket').BucketName, properties(prod, 'StateBucket').BucketName]).toEqual([
      { 'Fn::Sub': `weir-prod-lake-\${AWS::AccountId}` },
      { 'Fn::Sub': `weir-prod-state-\${AWS::AccountId}` },
    ])
  })
})

describe('functions', () => {
  it.each(functionNames)(
    '%s runs on nodejs24.x and arm64 in a role of its own, and its log does not grow for ever',
    (name) => {
      const id = capitalized(name)
      expect(properties(prod, `${id}LambdaFunction`)).toMatchObject({
        Runtime: 'nodejs24.x',
        Architectures: ['arm64'],
        Role: { 'Fn::GetAtt': [`${id}Role`, 'Arn'] },
      })
      expect(properties(prod, `${id}LogGroup`).RetentionInDays).toBeGreaterThan(0)
    },
  )

  it.each(functionNames)('%s may do exactly what it calls', (name) => {
    const statements = allowStatements(prod.template).filter(
      ({ owner }) => owner === `${capitalized(name)}Role`,
    )
    expect([...new Set(statements.flatMap(({ actions }) => actions))].sort()).toEqual(allowedActions(name))
  })

  it.each<[string, string[]]>([
    ['collect', ['RAW_STREAM', 'WRITE_KEYS_PARAMETER']],
    ['archive', ['RAW_DELIVERY']],
    ['enrich', ['CONTROL_KEY_PARAMETER', 'LAKE_BUCKET', 'LANES', 'LANE_STREAM']],
    [
      'aggregate',
      [
        'BAD_DELIVERY',
        'EVENTS_DELIVERY',
        'LANES',
        'LANE_STREAM',
        'LATEST_TABLE',
        'METRICS_TABLE',
        'PUBLISH',
        'SESSIONS_DELIVERY',
        'STATE_BUCKET',
      ],
    ],
    [
      'tick',
      [
        'CONTROL_KEY_PARAMETER',
        'EXTENDED_RETENTION_HOURS',
        'LANE_STREAM',
        'METRICS_TABLE',
        'RAW_STREAM',
        'RETENTION_HOURS',
      ],
    ],
    ['query', ['LATEST_TABLE', 'METRICS_TABLE']],
    ['ask', ['LAKE_DATABASE', 'MAX_SCANNED_BYTES', 'WORK_GROUP']],
    ['compact', ['LAKE_BUCKET', 'LAKE_DATABASE', 'METRICS_TABLE', 'WORK_GROUP']],
    ['schedule', ['METRICS_TABLE', 'REPORTS_QUEUE', 'REPORTS_TABLE', 'SETTLE_SECONDS']],
    ['report', ['LAKE_BUCKET', 'LAKE_DATABASE', 'REPORTS_TABLE', 'WORK_GROUP']],
  ])('%s is told of %j and what all are told', (name, own) => {
    const common = [
      'POWERTOOLS_LOG_LEVEL',
      'POWERTOOLS_METRICS_NAMESPACE',
      'POWERTOOLS_SERVICE_NAME',
      'STAGE',
    ]
    expect(Object.keys(environment(prod, name)).sort()).toEqual([...own, ...common].sort())
    expect(environment(prod, name)).toMatchObject({ STAGE: 'prod', POWERTOOLS_SERVICE_NAME: name })
  })

  it('are sent to the local endpoint in stage local only', () => {
    expect(environment(local, 'tick').AWS_ENDPOINT_URL).toBe('http://127.0.0.1:4566')
    expect(environment(prod, 'tick').AWS_ENDPOINT_URL).toBeUndefined()
  })

  it.each([
    ['ArchiveEventSourceMappingKinesisRawStream', 'RawStream'],
    ['EnrichEventSourceMappingKinesisRawStream', 'RawStream'],
    ['AggregateEventSourceMappingKinesisLaneStream', 'LaneStream'],
  ])('%s reads %s in order, batch by batch, and never gives a record up', (mapping, stream) => {
    expect(properties(prod, mapping)).toMatchObject({
      EventSourceArn: { 'Fn::GetAtt': [stream, 'Arn'] },
      ParallelizationFactor: 1,
      MaximumRetryAttempts: -1,
      MaximumRecordAgeInSeconds: -1,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      StartingPosition: 'TRIM_HORIZON',
    })
  })

  it('answer queries only to who signs them', () => {
    const routes = propertiesOf(prod, 'AWS::ApiGatewayV2::Route').map(({ RouteKey, AuthorizationType }) => [
      RouteKey,
      AuthorizationType,
    ])
    expect(Object.fromEntries(routes)).toEqual({
      'POST /v1/{type}': undefined,
      'GET /v1/metrics': 'AWS_IAM',
      'GET /v1/metrics/{name}': 'AWS_IAM',
      'GET /v1/queries': 'AWS_IAM',
      'GET /v1/queries/{name}': 'AWS_IAM',
      'GET /v1/latest': 'AWS_IAM',
      'GET /v1/latest/{table}': 'AWS_IAM',
      'GET /v1/latest/{table}/{key}': 'AWS_IAM',
    })
  })

  it('fit in zips of less than 12 MB, with the country database in the one of enrich only', () => {
    const withDatabase = prod.zips.filter(({ bytes }) => bytes.includes('dbip-country.mmdb'))
    expect(prod.zips.map(({ name }) => name)).toEqual([...functionNames].sort())
    expect(withDatabase.map(({ name }) => name)).toEqual(['enrich'])
    expect(Math.max(...prod.zips.map(({ bytes }) => bytes.length))).toBeLessThan(12_000_000)
  })
})

describe('policies', () => {
  it('allow no action by a wildcard', () => {
    expect(allowStatements(prod.template).flatMap(wildcardActions)).toEqual([])
  })

  it('allow nothing on every resource there is', () => {
    expect(allowStatements(prod.template).flatMap(unscopedResources)).toEqual([])
  })
})

describe('streams', () => {
  it.each(['RawStream', 'LaneStream'])(
    '%s is encrypted, keeps a day, and keeps the record limit of 1 MiB',
    (id) => {
      expect(properties(prod, id)).toMatchObject({
        RetentionPeriodHours: 24,
        StreamEncryption: { EncryptionType: 'KMS', KeyId: 'alias/aws/kinesis' },
        MaxRecordSizeInKiB: 1024,
      })
    },
  )

  it('are extended by tick, which is told what is declared, and an alarm stays on while they are', () => {
    expect(environment(prod, 'tick')).toMatchObject({
      RAW_STREAM: properties(prod, 'RawStream').Name,
      LANE_STREAM: properties(prod, 'LaneStream').Name,
      RETENTION_HOURS: String(properties(prod, 'RawStream').RetentionPeriodHours),
      EXTENDED_RETENTION_HOURS: '168',
    })
    expect(properties(prod, 'RetentionExtendedAlarm')).toMatchObject({
      Namespace: environment(prod, 'tick').POWERTOOLS_METRICS_NAMESPACE,
      MetricName: 'RetentionExtended',
      Dimensions: [{ Name: 'service', Value: environment(prod, 'tick').POWERTOOLS_SERVICE_NAME }],
      Statistic: 'Maximum',
      Threshold: 0,
      ComparisonOperator: 'GreaterThanThreshold',
      TreatMissingData: 'notBreaching',
    })
  })

  it('would not be extended without tick, so an alarm tells when it does not run', () => {
    expect(properties(prod, 'TickSilentAlarm')).toMatchObject({
      Namespace: 'AWS/Lambda',
      MetricName: 'Invocations',
      Dimensions: [{ Name: 'FunctionName', Value: properties(prod, 'TickLambdaFunction').FunctionName }],
      Statistic: 'Sum',
      ComparisonOperator: 'LessThanThreshold',
      Threshold: 1,
      TreatMissingData: 'breaching',
    })
  })

  it('keep a week on the laptop, where it costs nothing and clocks stand while it is off', () => {
    expect(properties(local, 'RawStream').RetentionPeriodHours).toBe(168)
    expect(environment(local, 'tick')).toMatchObject({
      RETENTION_HOURS: '168',
      EXTENDED_RETENTION_HOURS: '168',
    })
  })
})

describe('deliveries', () => {
  const deserializer = (name: 'Events' | 'Sessions') =>
    objectAt(
      objectAt(
        objectAt(delivery(prod, name), 'DataFormatConversionConfiguration'),
        'InputFormatConfiguration',
      ),
      'Deserializer',
    )

  it.each([
    ['Events', 'events'],
    ['Sessions', 'sessions'],
  ] as const)('of %s read each column by the key that its rows have', (name, table) => {
    const keyed = lakeTables(plan)[table].columns.map(({ name, key }) => [name, key])
    expect(keyed.length).toBeGreaterThan(20)
    expect(deserializer(name)).toEqual({
      OpenXJsonSerDe: { ColumnToJsonKeyMappings: Object.fromEntries(keyed) },
    })
  })

  it('of rows that are not converted have no keys to read by', () => {
    for (const name of ['Raw', 'Bad'])
      expect(delivery(prod, name).DataFormatConversionConfiguration).toBeUndefined()
  })
})

describe('storage', () => {
  it.each(['Lake', 'State'])('the bucket %s is encrypted, private, and answers over TLS only', (name) => {
    expect(properties(prod, `${name}Bucket`)).toMatchObject({
      BucketEncryption: {
        ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }],
      },
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
    })
    const id = `${name}Bucket`
    expect(objectAt(properties(prod, `${id}Policy`), 'PolicyDocument').Statement).toMatchObject([
      {
        Effect: 'Deny',
        Principal: '*',
        Action: 's3:*',
        Resource: [{ 'Fn::GetAtt': [id, 'Arn'] }, { 'Fn::Sub': `\${${id}.Arn}/*` }],
        Condition: { Bool: { 'aws:SecureTransport': 'false' } },
      },
    ])
  })

  it('never expires or moves a current object of the state', () => {
    const rules = listOf(objectAt(properties(prod, 'StateBucket'), 'LifecycleConfiguration').Rules).filter(
      isObject,
    )
    const ofCurrentObjects = ['ExpirationDate', 'ExpirationInDays', 'Transition', 'Transitions']
    expect(rules).not.toEqual([])
    expect(rules.flatMap(Object.keys).filter((key) => ofCurrentObjects.includes(key))).toEqual([])
  })

  it('expires nothing of the lake but errors and the results of queries', () => {
    const rules = listOf(objectAt(properties(prod, 'LakeBucket'), 'LifecycleConfiguration').Rules).filter(
      isObject,
    )
    expect(rules.filter((rule) => 'ExpirationInDays' in rule).map((rule) => rule.Prefix)).toEqual([
      'errors/',
      'athena-results/',
    ])
  })

  it('pays for metrics by request, lets old ones go, and can bring back a point in time', () => {
    expect(properties(prod, 'MetricsTable')).toMatchObject({
      BillingMode: 'PAY_PER_REQUEST',
      TimeToLiveSpecification: { AttributeName: 'expiresAt', Enabled: true },
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      SSESpecification: { SSEEnabled: true },
    })
  })
})

describe('the workgroup of the lake', () => {
  it('cancels what scans too much, and lets tables be written where a statement says', () => {
    expect(properties(prod, 'LakeWorkGroup')).toMatchObject({
      Name: 'weir-prod',
      WorkGroupConfiguration: {
        // Enforced, it would refuse every external_location.
        EnforceWorkGroupConfiguration: false,
        BytesScannedCutoffPerQuery: 100_000_000_000,
        ResultConfiguration: { OutputLocation: { 'Fn::Sub': `s3://\${LakeBucket}/athena-results/` } },
      },
    })
  })

  it('is not that of the batch layer, which reads whatever arrived', () => {
    const { Name, WorkGroupConfiguration } = properties(prod, 'CompactWorkGroup')
    expect(Name).toBe(environment(prod, 'compact').WORK_GROUP)
    expect(WorkGroupConfiguration).toMatchObject({ EnforceWorkGroupConfiguration: false })
    expect(WorkGroupConfiguration).not.toHaveProperty('BytesScannedCutoffPerQuery')
  })
})

describe('the lake', () => {
  const tables = Object.values(lakeTables(plan))

  it.each(tables)('has the columns of $name in the catalogue', (table) => {
    const input = glueTable(prod, table.name)
    const columns = listOf(objectAt(input, 'StorageDescriptor').Columns).filter(isObject)
    expect(columns.map(({ Name, Type }) => ({ name: Name, type: Type }))).toEqual(
      table.columns.map(({ name, type }) => ({ name, type })),
    )
    expect(listOf(input.PartitionKeys).filter(isObject)).toMatchObject(
      partitionColumns(table).map(({ name, type }) => ({ Name: name, Type: type })),
    )
  })

  it.each(tables)('takes no more of Glue than it gives: $name', (table) => {
    // https://docs.aws.amazon.com/glue/latest/webapi/API_Column.html
    expect(table.columns.filter(({ comment }) => comment.length > 255)).toEqual([])
  })

  it.each(tables.filter(({ partitioning }) => partitioning === 'arrival'))(
    'has the partitions of $name projected',
    ({ name }) => {
      expect(glueTable(prod, name).Parameters).toMatchObject({
        'projection.enabled': 'true',
        'projection.dt.type': 'date',
        'projection.hour.digits': '2',
      })
    },
  )

  it.each(tables.filter(({ partitioning }) => partitioning === 'part'))(
    'leaves the partitions of $name to those who write them',
    ({ name }) => {
      expect(glueTable(prod, name).Parameters).toEqual({ EXTERNAL: 'TRUE', classification: 'parquet' })
    },
  )

  it.each(Object.entries(lakeViews(lakeTables(plan))))(
    'has the view %s as Athena keeps views',
    (name, sql) => {
      const { ViewOriginalText, TableType, Parameters } = glueTable(prod, name)
      expect([TableType, Parameters]).toEqual([
        'VIRTUAL_VIEW',
        { presto_view: 'true', comment: 'Presto View' },
      ])
      expect(viewSql(String(ViewOriginalText))).toBe(sql)
    },
  )

  it.each([
    ['Raw', 'raw', '.json.gz'],
    ['Events', 'events', '.parquet'],
    ['Sessions', 'sessions', '.parquet'],
    ['Bad', 'bad_events', '.json.gz'],
  ])(
    'gets from the delivery stream %s what its table %s looks for, in files %s',
    (id, table, FileExtension) => {
      const partition = 'dt=!{timestamp:yyyy-MM-dd}/hour=!{timestamp:HH}/'
      expect(objectAt(glueTable(prod, table), 'StorageDescriptor').Location).toEqual({
        'Fn::Join': ['', ['s3://', { Ref: 'LakeBucket' }, `/${table}/`]],
      })
      expect(delivery(prod, id)).toMatchObject({
        Prefix: `${table}/${partition}`,
        ErrorOutputPrefix: `errors/${id.toLowerCase()}/!{firehose:error-output-type}/${partition}`,
        FileExtension,
      })
    },
  )

  it.each(['Events', 'Sessions'])(
    'converts %s to Parquet by the table of the catalogue, from a buffer that Firehose takes',
    (id) => {
      expect(delivery(prod, id).DataFormatConversionConfiguration).toMatchObject({
        Enabled: true,
        SchemaConfiguration: { DatabaseName: { Ref: 'LakeDatabase' }, TableName: { Ref: `${id}Table` } },
      })
      expect(objectAt(delivery(prod, id), 'BufferingHints')).toEqual({
        IntervalInSeconds: 900,
        SizeInMBs: 128,
      })
      expect(objectAt(delivery(local, id), 'BufferingHints').IntervalInSeconds).toBe(2)
    },
  )
})
