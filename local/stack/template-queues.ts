import type { QueueDeclaration } from '../aws/sqs/queue.ts'
import { nameInArn } from './arns.ts'
import type { QueueMappingDeclaration } from './declaration.ts'
import { isObject } from './intrinsic.ts'
import type { Declared } from './template.ts'
import { integer, text, texts } from './template-values.ts'

/** Defaults: AWS::SQS::Queue, CloudFormation reference. */
export function readQueue({ name, properties }: Declared): QueueDeclaration {
  const redrive = isObject(properties.RedrivePolicy) ? properties.RedrivePolicy : undefined
  return {
    name,
    visibilityTimeoutMs: integer(properties.VisibilityTimeout, 30) * 1000,
    delayMs: integer(properties.DelaySeconds, 0) * 1000,
    retentionMs: integer(properties.MessageRetentionPeriod, 345_600) * 1000,
    receiveWaitMs: integer(properties.ReceiveMessageWaitTimeSeconds, 0) * 1000,
    redrive: redrive && {
      deadLetterQueue: nameInArn(text(redrive.deadLetterTargetArn, 'RedrivePolicy.deadLetterTargetArn')),
      maxReceiveCount: integer(redrive.maxReceiveCount, 10),
    },
  }
}

export function isOfQueue({ properties }: Declared): boolean {
  return String(properties.EventSourceArn).startsWith('arn:aws:sqs:')
}

/** Lambda begins with so many invocations of a queue at a time, unless it is told a maximum. */
const defaultConcurrency = 5

export function readQueueMapping({ logicalId, properties }: Declared): QueueMappingDeclaration {
  if (properties.FilterCriteria !== undefined)
    throw new Error('the local stack does not know FilterCriteria of an event source mapping')
  const queueArn = text(properties.EventSourceArn, 'EventSourceArn')
  const scaling = isObject(properties.ScalingConfig) ? properties.ScalingConfig : {}
  return {
    id: logicalId,
    queueName: nameInArn(queueArn),
    queueArn,
    functionName: nameInArn(text(properties.FunctionName, 'FunctionName')),
    batchSize: integer(properties.BatchSize, 10),
    windowMs: integer(properties.MaximumBatchingWindowInSeconds, 0) * 1000,
    maxConcurrency: integer(scaling.MaximumConcurrency, defaultConcurrency),
    reportsBatchItemFailures: texts(properties.FunctionResponseTypes).includes('ReportBatchItemFailures'),
  }
}
