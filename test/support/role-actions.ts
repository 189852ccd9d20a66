export const functionNames = ['collect', 'archive', 'enrich', 'aggregate', 'tick', 'query'] as const
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
  tick: { called: ['kinesis:ListShards', 'kinesis:PutRecords', 'ssm:GetParameter'], notCalled: ownLog },
  query: { called: ['dynamodb:Query'], notCalled: ownLog },
}

/** The two together, sorted, each once. */
export const allowedActions = (name: FunctionName): readonly string[] =>
  [...new Set([...roleActions[name].called, ...roleActions[name].notCalled])].sort()
