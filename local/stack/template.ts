import { LocalNames, nameInArn, type Resource } from './arns.ts'
import type { Declaration, FunctionDeclaration, StreamDeclaration } from './declaration.ts'
import { isObject, type Json, type JsonObject, resolve } from './intrinsic.ts'
import { readMapping } from './template-mapping.ts'
import { isOfQueue, readQueue, readQueueMapping } from './template-queues.ts'
import { readCors, readRoute } from './template-routes.ts'
import { integer, objects, optionalText, text } from './template-values.ts'

/** One declared resource with its properties resolved. */
export interface Declared {
  readonly logicalId: string
  readonly name: string
  readonly properties: JsonObject
}

/** Reads a compiled CloudFormation template. Throws on what the local stack cannot honour, naming the resource. */
export function readTemplate(template: Json): Declaration {
  const declared = declaredResources(template)
  const one = <T>(type: string, read: (resource: Declared) => T): T[] =>
    declared(type).map((resource) => {
      try {
        return read(resource)
      } catch (error) {
        throw new Error(`serverless.yml: ${resource.logicalId}: ${String(error)}`, { cause: error })
      }
    })
  return {
    streams: one('AWS::Kinesis::Stream', readStream),
    buckets: one('AWS::S3::Bucket', ({ name }) => name).filter((name) => !isDeploymentBucket(name)),
    tables: one('AWS::DynamoDB::Table', named('TableName')),
    deliveries: one('AWS::KinesisFirehose::DeliveryStream', named('DeliveryStreamName')),
    glueDatabases: one('AWS::Glue::Database', ({ name }) => name),
    glueTables: one('AWS::Glue::Table', ({ properties }) => properties),
    workGroups: one('AWS::Athena::WorkGroup', named('Name')),
    namedQueries: one('AWS::Athena::NamedQuery', ({ logicalId, properties }) => ({
      Name: logicalId,
      ...properties,
      id: logicalId,
    })),
    preparedStatements: one('AWS::Athena::PreparedStatement', ({ properties }) => properties),
    functions: one('AWS::Lambda::Function', readFunction),
    mappings: one('AWS::Lambda::EventSourceMapping', (mapping) =>
      isOfQueue(mapping) ? [] : [readMapping(mapping)],
    ).flat(),
    queues: one('AWS::SQS::Queue', readQueue),
    queueMappings: one('AWS::Lambda::EventSourceMapping', (mapping) =>
      isOfQueue(mapping) ? [readQueueMapping(mapping)] : [],
    ).flat(),
    schedules: one('AWS::Events::Rule', readRule).flat(),
    routes: one('AWS::ApiGatewayV2::Route', (route) => readRoute(route, declared)),
    cors: one('AWS::ApiGatewayV2::Api', readCors)[0],
  }
}

/** Lists the declared resources of a type, resolved. A type is resolved only when asked for: not every one can be. */
function declaredResources(template: Json): (type: string) => Declared[] {
  const root = isObject(template) ? template : {}
  const resources = new Map<string, Resource>()
  for (const [logicalId, resource] of Object.entries(isObject(root.Resources) ? root.Resources : {})) {
    if (!isObject(resource)) continue
    const properties = isObject(resource.Properties) ? resource.Properties : {}
    resources.set(logicalId, { type: String(resource.Type), properties })
  }
  const names = new LocalNames(resources, isObject(root.Parameters) ? root.Parameters : {})
  return (type) =>
    [...resources]
      .filter(([, resource]) => resource.type === type)
      .map(([logicalId, resource]) => {
        const properties = resolve(resource.properties, names)
        return { logicalId, name: names.name(logicalId), properties: isObject(properties) ? properties : {} }
      })
}

// Where `sls deploy` uploads the package: nothing of the product's.
function isDeploymentBucket(name: string): boolean {
  return name === 'ServerlessDeploymentBucket'
}

function named(property: string): (resource: Declared) => JsonObject {
  return ({ name, properties }) => ({ ...properties, [property]: name })
}

function readStream({ name, properties }: Declared): StreamDeclaration {
  return {
    name,
    shardCount: integer(properties.ShardCount, 2),
    retentionHours: integer(properties.RetentionPeriodHours, 24),
  }
}

function readFunction({ name, properties }: Declared): FunctionDeclaration {
  const code = isObject(properties.Code) ? properties.Code : {}
  const environment = isObject(properties.Environment) ? properties.Environment.Variables : {}
  const variables = isObject(environment) ? Object.entries(environment) : []
  return {
    name,
    handler: text(properties.Handler, 'Handler'),
    zip: nameInArn(text(code.S3Key, 'Code.S3Key')),
    memoryMb: integer(properties.MemorySize, 128),
    timeoutMs: integer(properties.Timeout, 3) * 1000,
    environment: Object.fromEntries(variables.map(([key, value]) => [key, String(value)])),
  }
}

function readRule({ name, properties }: Declared) {
  if (properties.State === 'DISABLED' || properties.ScheduleExpression === undefined) return []
  return objects(properties.Targets).map((target) => ({
    name,
    arn: `arn:aws:events:us-east-1:000000000000:rule/${name}`,
    expression: text(properties.ScheduleExpression, 'ScheduleExpression'),
    functionName: nameInArn(text(target.Arn, 'Targets.Arn')),
    input: optionalText(target.Input),
  }))
}
