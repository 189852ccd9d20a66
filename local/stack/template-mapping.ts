import { nameInArn } from './arns.ts'
import type { MappingDeclaration } from './declaration.ts'
import { isObject, type JsonObject } from './intrinsic.ts'
import type { Declared } from './template.ts'
import { integer, isTrue, text, texts } from './template-values.ts'

/** Defaults and limits: AWS::Lambda::EventSourceMapping, CloudFormation reference. */
export function readMapping({ logicalId, properties }: Declared): MappingDeclaration {
  refuseUnknown(properties)
  const streamArn = text(properties.EventSourceArn, 'EventSourceArn')
  const functionName = nameInArn(text(properties.FunctionName, 'FunctionName'))
  const maxRecordAgeS = integer(properties.MaximumRecordAgeInSeconds, -1)
  return {
    id: logicalId,
    streamName: nameInArn(streamArn),
    streamArn,
    functionName,
    batchSize: integer(properties.BatchSize, 100),
    windowMs: integer(properties.MaximumBatchingWindowInSeconds, 0) * 1000,
    startingPosition: startingPosition(text(properties.StartingPosition, 'StartingPosition')),
    reportsBatchItemFailures: texts(properties.FunctionResponseTypes).includes('ReportBatchItemFailures'),
    bisects: isTrue(properties.BisectBatchOnFunctionError),
    maxRetries: integer(properties.MaximumRetryAttempts, -1),
    maxRecordAgeMs: maxRecordAgeS === -1 ? -1 : maxRecordAgeS * 1000,
    onFailureBucket: onFailureBucket(properties),
  }
}

function refuseUnknown(properties: JsonObject): void {
  // ParallelizationFactor is not read: it allows more batches of a shard at a time, and one at a time obeys it.
  const unknown = ['FilterCriteria', 'TumblingWindowInSeconds'].find((name) => properties[name] !== undefined)
  if (unknown) throw new Error(`the local stack does not know ${unknown} of an event source mapping`)
}

function startingPosition(position: string): 'TRIM_HORIZON' | 'LATEST' {
  if (position === 'TRIM_HORIZON' || position === 'LATEST') return position
  throw new Error(`StartingPosition ${position}: the local stack knows TRIM_HORIZON and LATEST`)
}

function onFailureBucket(properties: JsonObject): string | undefined {
  const config = isObject(properties.DestinationConfig) ? properties.DestinationConfig : {}
  if (!isObject(config.OnFailure)) return undefined
  const destination = text(config.OnFailure.Destination, 'DestinationConfig.OnFailure.Destination')
  if (destination.startsWith('arn:aws:s3:::')) return nameInArn(destination)
  throw new Error(`on-failure destination ${destination}: the local stack knows only S3 buckets`)
}
