import type { AwsResponse } from '../http.ts'
import { Input } from '../input.ts'
import type { Dynalite } from './dynalite.ts'
import { answered, succeed } from './dynamodb.ts'
import { type Json, keyOf } from './item.ts'

/**
 * Hides from reads what has expired. (DynamoDB shows such items until it deletes them, some time within days; a
 * program that relies on either is wrong.)
 */
export function withoutExpired(o: {
  action: string
  input: Buffer
  response: AwsResponse & { body: Buffer }
  ttlAttributes: ReadonlyMap<string, string>
}): AwsResponse {
  if (!['GetItem', 'Query', 'Scan', 'BatchGetItem'].includes(o.action)) return o.response
  const output = JSON.parse(o.response.body.toString('utf8'))
  if (o.action === 'BatchGetItem') {
    for (const [table, items] of Object.entries<Json[]>(output.Responses ?? {})) {
      output.Responses[table] = items.filter((item) => !isExpired(item, o.ttlAttributes.get(table)))
    }
    return answered(output)
  }
  const attribute = o.ttlAttributes.get(Input.parse(o.input).text('TableName'))
  if (attribute === undefined) return o.response
  if (output.Item && isExpired(output.Item, attribute)) delete output.Item
  if (Array.isArray(output.Items)) {
    output.Items = output.Items.filter((item: Json) => !isExpired(item, attribute))
    output.Count = output.Items.length
  }
  return answered(output)
}

function isExpired(item: Json, attribute: string | undefined): boolean {
  const value = attribute === undefined ? undefined : item[attribute]
  const seconds = typeof value === 'object' && value !== null && 'N' in value ? Number(value.N) : Number.NaN
  return seconds <= Date.now() / 1000
}

/** Deletes what has expired, each on condition that it still is. */
export async function sweepExpired(o: {
  dynalite: Dynalite
  table: string
  attribute: string
}): Promise<void> {
  const expired = {
    ExpressionAttributeNames: { '#ttl': o.attribute },
    ExpressionAttributeValues: { ':now': { N: String(Math.floor(Date.now() / 1000)) } },
  }
  let start: unknown
  do {
    const page = new Input(
      await succeed(o.dynalite, 'Scan', {
        TableName: o.table,
        FilterExpression: '#ttl <= :now',
        ...expired,
        ...(start !== undefined && { ExclusiveStartKey: start }),
      }),
    )
    for (const item of page.list('Items')) {
      const key = await keyOf(o.dynalite, o.table, item as Json)
      const input = { TableName: o.table, Key: key, ConditionExpression: '#ttl <= :now', ...expired }
      await o.dynalite.send('DeleteItem', JSON.stringify(input))
    }
    start = page.optionalRecord('LastEvaluatedKey')
  } while (start !== undefined)
}
