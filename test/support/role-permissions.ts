import type { Call } from '../../local/aws/call.ts'
import { allowStatements } from './cloudformation-statements.ts'
import {
  intrinsicOf,
  type Json,
  type JsonObject,
  listOf,
  objectAt,
  resourcesOf,
} from './cloudformation-template.ts'
import { iamAction } from './iam-action.ts'
import { capitalized } from './packaged.ts'
import type { FunctionName } from './role-actions.ts'

/** Whether the role of a function, in the template of stage local, allows a call on all that it touches. */
export function permitsOf(template: JsonObject, name: FunctionName): (call: Call) => boolean {
  const names = namesIn(template)
  const workGroup = workGroupOf(template, name)
  const statements = allowStatements(template)
    .filter(({ owner }) => owner === `${capitalized(name)}Role`)
    .map(({ actions, resources }) => ({
      actions,
      patterns: resources.map((resource) => patternOf(resource, names)),
    }))
  return (call) =>
    resourcesTouched(call, workGroup).every((resource) =>
      statements.some(
        ({ actions, patterns }) =>
          actions.includes(iamAction(call)) && patterns.some((pattern) => matches(pattern, resource)),
      ),
    )
}

function workGroupOf(template: JsonObject, name: FunctionName): string {
  const id = `${capitalized(name)}LambdaFunction`
  const properties = resourcesOf(template).find(({ logicalId }) => logicalId === id)?.properties
  return String(objectAt(objectAt(properties, 'Environment'), 'Variables').WORK_GROUP)
}

/** Logical id → the name that a call says: of a stream, delivery stream, table, bucket or queue. */
function namesIn(template: JsonObject): ReadonlyMap<string, string> {
  const names = new Map<string, string>()
  for (const { logicalId, properties } of resourcesOf(template)) {
    const { Name, DeliveryStreamName, TableName, BucketName, QueueName } = properties
    const name = Name ?? DeliveryStreamName ?? TableName ?? BucketName ?? QueueName
    if (typeof name === 'string') names.set(logicalId, name)
  }
  return names
}

/** The resource of a statement as calls name it; `*` at its end stands for any rest. */
function patternOf(resource: Json, names: ReadonlyMap<string, string>): string {
  const { name, argument } = intrinsicOf(resource) ?? { name: '', argument: resource }
  if (name === 'Fn::GetAtt') return names.get(String(listOf(argument)[0])) ?? ''
  return String(argument)
    .replace(/\$\{(\w+)\.Arn\}/, (_, logicalId: string) => names.get(logicalId) ?? '')
    .replace(/^arn:.*:workgroup\/\$\{(\w+)\}$/, (_, logicalId: string) => names.get(logicalId) ?? '')
    .replace(/^arn:.*:parameter/, '')
}

const matches = (pattern: string, resource: string): boolean =>
  pattern.endsWith('*') ? resource.startsWith(pattern.slice(0, -1)) : resource === pattern

/**
 * A deletion of several objects names only the bucket, and is allowed object by object; a call about a query of Athena
 * names the query, and is allowed by its workgroup, which is the one that the function is told of.
 */
const resourcesTouched = ({ service, action, resource, payload }: Call, workGroup: string): string[] => {
  if (action === 'DeleteObjects')
    return Array.from(JSON.stringify(payload).matchAll(/<Key>([^<]*)</g), ([, key]) => `${resource}/${key}`)
  return [service === 'athena' && /^[0-9a-f-]{36}$/.test(resource) ? workGroup : resource]
}
