import { isObject, type Json, type JsonObject, type Lookup, resolve } from './intrinsic.ts'

export const localRegion = 'us-east-1'
export const localAccount = '000000000000'

export interface Resource {
  readonly type: string
  readonly properties: JsonObject
}

/** Where a resource's name is, for the types whose name something in a template refers to. */
const namePath: Readonly<Record<string, string>> = {
  'AWS::Kinesis::Stream': 'Name',
  'AWS::DynamoDB::Table': 'TableName',
  'AWS::S3::Bucket': 'BucketName',
  'AWS::KinesisFirehose::DeliveryStream': 'DeliveryStreamName',
  'AWS::Lambda::Function': 'FunctionName',
  'AWS::IAM::Role': 'RoleName',
  'AWS::Events::Rule': 'Name',
  'AWS::Logs::LogGroup': 'LogGroupName',
  'AWS::Glue::Database': 'DatabaseInput.Name',
  'AWS::Glue::Table': 'TableInput.Name',
  'AWS::Athena::WorkGroup': 'Name',
  'AWS::Athena::PreparedStatement': 'StatementName',
  'AWS::SQS::Queue': 'QueueName',
}

const arnOf: Readonly<Record<string, (name: string) => string>> = {
  'AWS::Kinesis::Stream': (name) => regional('kinesis', `stream/${name}`),
  'AWS::DynamoDB::Table': (name) => regional('dynamodb', `table/${name}`),
  'AWS::S3::Bucket': (name) => `arn:aws:s3:::${name}`,
  'AWS::KinesisFirehose::DeliveryStream': (name) => regional('firehose', `deliverystream/${name}`),
  'AWS::Lambda::Function': (name) => regional('lambda', `function:${name}`),
  'AWS::IAM::Role': (name) => `arn:aws:iam::${localAccount}:role/${name}`,
  'AWS::Events::Rule': (name) => regional('events', `rule/${name}`),
  'AWS::Logs::LogGroup': (name) => regional('logs', `log-group:${name}`),
  'AWS::KMS::Key': (name) => regional('kms', `key/${name}`),
  'AWS::SQS::Queue': (name) => regional('sqs', name),
}

const pseudoParameters: Readonly<Record<string, string>> = {
  'AWS::Region': localRegion,
  'AWS::AccountId': localAccount,
  'AWS::Partition': 'aws',
  'AWS::URLSuffix': 'amazonaws.com',
  'AWS::StackName': 'weir-local',
  'AWS::StackId': regional('cloudformation', 'stack/weir-local/1'),
}

function regional(service: string, resource: string): string {
  return `arn:aws:${service}:${localRegion}:${localAccount}:${resource}`
}

/** Of its port only the default is known here; the local SQS goes by the path. */
function queueUrl(name: string): string {
  return `http://127.0.0.1:4566/${localAccount}/${name}`
}

/** Answers Ref and GetAtt with the names and ARNs that the local endpoint gives its resources. */
export class LocalNames implements Lookup {
  readonly #resources: ReadonlyMap<string, Resource>
  readonly #parameters: JsonObject

  constructor(resources: ReadonlyMap<string, Resource>, parameters: JsonObject) {
    this.#resources = resources
    this.#parameters = parameters
  }

  ref(logicalId: string): Json {
    const pseudo = pseudoParameters[logicalId]
    if (pseudo !== undefined) return pseudo
    const parameter = this.#parameters[logicalId]
    if (isObject(parameter) && parameter.Default !== undefined) return parameter.Default
    const name = this.name(logicalId)
    return this.#resource(logicalId).type === 'AWS::SQS::Queue' ? queueUrl(name) : name
  }

  attribute(logicalId: string, attribute: string): Json {
    const type = this.#resource(logicalId).type
    const name = this.name(logicalId)
    if (type === 'AWS::SQS::Queue' && attribute === 'QueueUrl') return queueUrl(name)
    if (attribute === 'Arn') return (arnOf[type] ?? ((any) => `arn:aws:local:::${any}`))(name)
    return `${name}.${attribute}`
  }

  /** The physical name, or the logical id of what has none. */
  name(logicalId: string): string {
    const { type, properties } = this.#resource(logicalId)
    const given = at(properties, namePath[type])
    return given === undefined ? logicalId : String(resolve(given, this))
  }

  #resource(logicalId: string): Resource {
    const resource = this.#resources.get(logicalId)
    if (!resource) throw new Error(`the template refers to ${logicalId}, which it does not declare`)
    return resource
  }
}

function at(properties: JsonObject, path: string | undefined): Json | undefined {
  let value: Json | undefined = properties
  for (const key of path?.split('.') ?? ['']) value = isObject(value) ? value[key] : undefined
  return value
}

/** The last part of an ARN: what `stream/`, `table/`, `function:` or an S3 ARN names. */
export function nameInArn(arn: string): string {
  return arn.slice(Math.max(arn.lastIndexOf('/'), arn.lastIndexOf(':')) + 1)
}
