import type { MonthlyUnits } from './monthly-units.ts'
import prices from './prices.json' with { type: 'json' }

/** Dollars a month. */
export type Bill = { readonly total: number; readonly terms: Readonly<Record<string, number>> }

const million = 1e6

export function billOf(units: MonthlyUnits): Bill {
  const { kinesis, lambda, s3, dynamodb, firehose, cloudwatch, sqs, athena } = prices
  const shardHours = units.shardHours.raw + units.shardHours.lanes
  const functions = Object.values(units.functions)
  const sum = (numbers: number[]) => numbers.reduce((total, one) => total + one, 0)
  const deliveries = Object.values(units.firehose)
  const terms = {
    'Kinesis shards': shardHours * kinesis.shardHour,
    'Kinesis retention': units.retentionHours > 24 ? shardHours * kinesis.shardHourOfRetentionBeyondADay : 0,
    'Kinesis PUT units': ((units.putUnits.raw + units.putUnits.lanes) / million) * kinesis.millionPutUnits,
    'Lambda duration': sum(functions.map(({ workGbSeconds }) => workGbSeconds)) * lambda.gbSecond,
    'Lambda requests': (sum(functions.map(({ requests }) => requests)) / million) * lambda.millionRequests,
    'S3 requests':
      ((units.state.writes + units.lake.writes) / million) * s3.millionWrites +
      (units.state.reads / million) * s3.millionReads,
    'S3 storage': (units.state.gb + units.lake.gb) * s3.gbMonth,
    'DynamoDB writes': (units.table.writeUnits / million) * dynamodb.millionWriteUnits,
    'DynamoDB reads': (units.table.readUnits / million) * dynamodb.millionReadUnits,
    'DynamoDB storage': units.table.gb * (dynamodb.gbMonth + dynamodb.gbMonthOfPointInTimeRecovery),
    'Firehose bytes': sum(deliveries.map(({ gb }) => gb)) * firehose.gb,
    'Firehose conversion': sum(deliveries.map(({ convertedGb }) => convertedGb)) * firehose.convertedGb,
    'Athena, daily tables': units.scannedTb * athena.tb,
    'CloudWatch logs': units.logGb * cloudwatch.logGb,
    'CloudWatch metrics and alarms':
      units.metrics * cloudwatch.metricMonth + units.alarms * cloudwatch.alarmMonth,
    'SQS requests': (units.sqsRequests / million) * sqs.millionRequests,
  }
  return { total: sum(Object.values(terms)), terms }
}

/** What it adds to the bill when each invocation waits so long for other services. */
export function dollarsOfWaiting(units: MonthlyUnits, seconds: number): number {
  const gbSeconds = Object.values(units.functions).map(
    ({ requests, memoryGb }) => requests * memoryGb * seconds,
  )
  return gbSeconds.reduce((total, one) => total + one, 0) * prices.lambda.gbSecond
}
