import type { QueueDeclaration } from '../aws/sqs/queue.ts'
import type { JsonObject } from './intrinsic.ts'

/** What serverless.yml declares, as far as the laptop acts on it: names and ARNs are the local ones. */
export interface Declaration {
  readonly streams: readonly StreamDeclaration[]
  readonly buckets: readonly string[]
  /** Properties of each AWS::DynamoDB::Table, resolved. */
  readonly tables: readonly JsonObject[]
  /** Properties of each AWS::KinesisFirehose::DeliveryStream, resolved. */
  readonly deliveries: readonly JsonObject[]
  readonly glueDatabases: readonly string[]
  /** Properties of each AWS::Glue::Table, resolved. */
  readonly glueTables: readonly JsonObject[]
  /** Properties of each AWS::Athena::WorkGroup, NamedQuery (with its `id`) and PreparedStatement, resolved. */
  readonly workGroups: readonly JsonObject[]
  readonly namedQueries: readonly JsonObject[]
  readonly preparedStatements: readonly JsonObject[]
  readonly functions: readonly FunctionDeclaration[]
  readonly mappings: readonly MappingDeclaration[]
  readonly queues: readonly QueueDeclaration[]
  readonly queueMappings: readonly QueueMappingDeclaration[]
  readonly schedules: readonly ScheduleDeclaration[]
  readonly routes: readonly RouteDeclaration[]
  readonly cors: CorsDeclaration | undefined
}

export interface StreamDeclaration {
  readonly name: string
  readonly shardCount: number
  readonly retentionHours: number
}

export interface FunctionDeclaration {
  readonly name: string
  /** `path/to/file.export` inside the zip. */
  readonly handler: string
  /** File name of the zip in the package. */
  readonly zip: string
  readonly memoryMb: number
  readonly timeoutMs: number
  readonly environment: Readonly<Record<string, string>>
}

/** An event source mapping of a Kinesis stream. -1 means without limit, as in Lambda's API. */
export interface MappingDeclaration {
  readonly id: string
  readonly streamName: string
  readonly streamArn: string
  readonly functionName: string
  readonly batchSize: number
  readonly windowMs: number
  readonly startingPosition: 'TRIM_HORIZON' | 'LATEST'
  readonly reportsBatchItemFailures: boolean
  readonly bisects: boolean
  readonly maxRetries: number
  readonly maxRecordAgeMs: number
  /** Bucket that keeps discarded batches. */
  readonly onFailureBucket: string | undefined
}

/** An event source mapping of an SQS queue. */
export interface QueueMappingDeclaration {
  readonly id: string
  readonly queueName: string
  readonly queueArn: string
  readonly functionName: string
  readonly batchSize: number
  readonly windowMs: number
  /** Invocations at the same time. */
  readonly maxConcurrency: number
  readonly reportsBatchItemFailures: boolean
}

export interface ScheduleDeclaration {
  readonly name: string
  readonly arn: string
  readonly expression: string
  readonly functionName: string
  /** The target's constant input, JSON text, instead of the scheduled event. */
  readonly input: string | undefined
}

export interface RouteDeclaration {
  /** `POST /v1/batch`, `ANY /x/{proxy+}` or `$default`. */
  readonly routeKey: string
  readonly functionName: string
}

export interface CorsDeclaration {
  readonly allowOrigins: readonly string[]
  readonly allowHeaders: readonly string[]
  readonly allowMethods: readonly string[]
  readonly exposeHeaders: readonly string[]
  readonly allowCredentials: boolean
  readonly maxAgeS: number | undefined
}
