export const functionNames = [
  'collect',
  'archive',
  'enrich',
  'aggregate',
  'tick',
  'query',
  'ask',
  'compact',
  'schedule',
  'report',
] as const
export type FunctionName = (typeof functionNames)[number]

export type RoleActions = {
  /** What the function's code calls: what a recording of its calls must show, all of it and nothing else. */
  readonly called: readonly string[]
  /** What the Lambda service calls in the function's name. */
  readonly notCalled: readonly string[]
}

const ownLog = ['logs:CreateLogStream', 'logs:PutLogEvents']

/** Made by Lambda's poller: https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-create.html */
const poller = [
  'kinesis:DescribeStream',
  'kinesis:DescribeStreamSummary',
  'kinesis:GetRecords',
  'kinesis:GetShardIterator',
  'kinesis:ListShards',
  'kinesis:ListStreams',
]

/** As above: https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html */
const queuePoller = ['sqs:DeleteMessage', 'sqs:GetQueueAttributes', 'sqs:ReceiveMessage']

/** Athena works in the catalogue and in the lake in the name of whoever asks. */
const athena = [
  'glue:BatchCreatePartition',
  'glue:BatchDeletePartition',
  'glue:BatchGetPartition',
  'glue:CreatePartition',
  'glue:CreateTable',
  'glue:DeletePartition',
  'glue:DeleteTable',
  'glue:GetDatabase',
  'glue:GetDatabases',
  'glue:GetPartition',
  'glue:GetPartitions',
  'glue:GetTable',
  'glue:GetTables',
  'glue:UpdateTable',
  's3:AbortMultipartUpload',
  's3:GetBucketLocation',
  's3:ListBucketMultipartUploads',
  's3:ListMultipartUploadParts',
]

/** A report adds partitions and takes none away. */
const notForReports = ['glue:BatchDeletePartition', 'glue:DeletePartition', 'glue:UpdateTable']

/** What reads, and leaves the catalogue as it is. */
const changesCatalogue = /^glue:(Batch(Create|Delete)|Create|Delete|Update)/

/** Every action that each function's role allows. */
export const roleActions: Readonly<Record<FunctionName, RoleActions>> = {
  collect: { called: ['kinesis:PutRecords', 'ssm:GetParameter'], notCalled: ownLog },
  archive: { called: ['firehose:PutRecordBatch'], notCalled: [...ownLog, ...poller] },
  enrich: {
    called: ['kinesis:PutRecords', 's3:PutObject', 'ssm:GetParameter'],
    notCalled: [...ownLog, ...poller],
  },
  aggregate: {
    called: [
      'dynamodb:PutItem',
      'firehose:PutRecordBatch',
      // The poller's too: which stream this is, one that was made anew or the same.
      'kinesis:DescribeStreamSummary',
      's3:DeleteObject',
      's3:GetObject',
      // Also what makes S3 answer 404 and not 403 for an object that is not there.
      's3:ListBucket',
      's3:PutObject',
    ],
    notCalled: [...ownLog, ...poller],
  },
  tick: {
    called: [
      'dynamodb:Query',
      'kinesis:DescribeStreamSummary',
      'kinesis:IncreaseStreamRetentionPeriod',
      'kinesis:ListShards',
      'kinesis:PutRecords',
      'ssm:GetParameter',
    ],
    notCalled: ownLog,
  },
  query: { called: ['dynamodb:GetItem', 'dynamodb:Query'], notCalled: ownLog },
  ask: {
    called: ['athena:GetQueryExecution', 'athena:GetQueryResults', 'athena:StartQueryExecution'],
    notCalled: [
      ...ownLog,
      ...athena.filter((action) => !changesCatalogue.test(action)),
      // Of a query that breaks its limits.
      'athena:StopQueryExecution',
      // In its name, by Athena.
      's3:GetObject',
      's3:ListBucket',
      's3:PutObject',
    ],
  },
  compact: {
    called: [
      'athena:GetQueryExecution',
      'athena:GetQueryResults',
      'athena:StartQueryExecution',
      'dynamodb:PutItem',
      'dynamodb:Query',
      's3:DeleteObject',
      's3:GetObject',
      's3:ListBucket',
      's3:PutObject',
    ],
    notCalled: [...ownLog, ...athena],
  },
  schedule: {
    called: ['dynamodb:PutItem', 'dynamodb:Query', 'dynamodb:UpdateItem', 'sqs:SendMessage'],
    notCalled: ownLog,
  },
  report: {
    called: [
      'athena:GetQueryExecution',
      'athena:GetQueryResults',
      'athena:StartQueryExecution',
      'dynamodb:GetItem',
      'dynamodb:UpdateItem',
      's3:DeleteObject',
      's3:ListBucket',
      's3:PutObject',
    ],
    notCalled: [
      ...ownLog,
      ...queuePoller,
      ...athena.filter((action) => !notForReports.includes(action)),
      // Of a query that breaks its budget.
      'athena:StopQueryExecution',
      's3:GetObject',
    ],
  },
}

/** The two together, sorted, each once. */
export const allowedActions = (name: FunctionName): readonly string[] =>
  [...new Set([...roleActions[name].called, ...roleActions[name].notCalled])].sort()
