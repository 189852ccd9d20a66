import { join } from 'node:path'
import type { PreparedCall } from '../call.ts'
import { AwsError } from '../errors.ts'
import { readJsonFile, replaceFile } from '../file.ts'
import { type AwsRequest, type AwsResponse, header } from '../http.ts'
import { Input } from '../input.ts'
import { type Dynalite, openDynalite } from './dynalite.ts'
import { itemOf, type Json, plain } from './item.ts'
import { sweepExpired, withoutExpired } from './time-to-live.ts'

export type DynamoDb = {
  /** Takes the properties of an AWS::DynamoDB::Table; does nothing to a table that exists but set its TTL. */
  createTable(properties: Json): Promise<void>
  /** One API call, as the service would answer it. */
  call(action: string, body: Buffer): Promise<AwsResponse>
  close(): Promise<void>
}

const sweepEveryMs = 60 * 60_000

/** dynalite, and what it lacks: the item of a failed condition, and time to live. */
export async function openDynamoDb(dataDir: string): Promise<DynamoDb> {
  const dynalite = await openDynalite(dataDir)
  const ttlPath = join(dataDir, 'dynamodb-ttl.json')
  const ttlAttributes = new Map(Object.entries((readJsonFile(ttlPath) ?? {}) as Record<string, string>))
  // Fails here rather than at the first call when another process holds the database.
  await succeed(dynalite, 'ListTables', {})
  const sweeping = setInterval(() => {
    for (const [table, attribute] of ttlAttributes)
      sweepExpired({ dynalite, table, attribute }).catch(console.error)
  }, sweepEveryMs)
  sweeping.unref()

  function setTtl(table: string, attribute: string | undefined): void {
    if (attribute === undefined) ttlAttributes.delete(table)
    else ttlAttributes.set(table, attribute)
    replaceFile(ttlPath, JSON.stringify(Object.fromEntries(ttlAttributes), null, 2))
  }

  async function call(action: string, body: Buffer): Promise<AwsResponse> {
    if (action === 'UpdateTimeToLive') return updateTimeToLive(Input.parse(body))
    if (action === 'DescribeTimeToLive') return describeTimeToLive(Input.parse(body))
    const response = await dynalite.send(action, body)
    if (response.status === 400) return withFailedItem(dynalite, { action, body, response })
    if (response.status !== 200 || ttlAttributes.size === 0) return response
    return withoutExpired({ action, input: body, response, ttlAttributes })
  }

  function updateTimeToLive(input: Input): AwsResponse {
    const specification = input.object('TimeToLiveSpecification')
    const attribute = specification.text('AttributeName')
    const isEnabled = specification.optionalFlag('Enabled') ?? false
    setTtl(input.text('TableName'), isEnabled ? attribute : undefined)
    return answered({ TimeToLiveSpecification: { AttributeName: attribute, Enabled: isEnabled } })
  }

  function describeTimeToLive(input: Input): AwsResponse {
    const attribute = ttlAttributes.get(input.text('TableName'))
    if (attribute === undefined) return answered({ TimeToLiveDescription: { TimeToLiveStatus: 'DISABLED' } })
    return answered({ TimeToLiveDescription: { AttributeName: attribute, TimeToLiveStatus: 'ENABLED' } })
  }

  return {
    call,
    async createTable(properties) {
      const input = new Input(properties)
      const name = input.text('TableName')
      const response = await dynalite.send('CreateTable', JSON.stringify(tableOf(properties)))
      if (response.status !== 200 && !response.body.includes('ResourceInUseException')) {
        throw new Error(`table ${name}: ${response.body}`)
      }
      setTtl(name, input.optionalObject('TimeToLiveSpecification')?.optionalText('AttributeName'))
      await untilActive(dynalite, name)
    },
    async close() {
      clearInterval(sweeping)
      await dynalite.close()
    },
  }
}

/** Of a CloudFormation table what the API's CreateTable takes and dynalite knows. */
function tableOf(properties: Json): Json {
  const known = [
    'TableName',
    'AttributeDefinitions',
    'KeySchema',
    'GlobalSecondaryIndexes',
    'LocalSecondaryIndexes',
  ]
  return {
    ...Object.fromEntries(known.flatMap((name) => (name in properties ? [[name, properties[name]]] : []))),
    BillingMode: 'PAY_PER_REQUEST',
  }
}

async function untilActive(dynalite: Dynalite, table: string): Promise<void> {
  for (;;) {
    const description = await succeed(dynalite, 'DescribeTable', { TableName: table })
    if (new Input(description).object('Table').text('TableStatus') === 'ACTIVE') return
  }
}

export async function succeed(dynalite: Dynalite, action: string, input: Json): Promise<unknown> {
  const response = await dynalite.send(action, JSON.stringify(input))
  if (response.status !== 200)
    throw new AwsError('InternalServerError', `${action}: ${response.body}`, { status: 500 })
  return JSON.parse(response.body.toString('utf8'))
}

export function answered(output: unknown): AwsResponse & { body: Buffer } {
  const headers = { 'content-type': 'application/x-amz-json-1.0' }
  return { status: 200, headers, body: Buffer.from(JSON.stringify(output)) }
}

/** ReturnValuesOnConditionCheckFailure: ALL_OLD, from a read after the refusal: a moment later than the service's. */
async function withFailedItem(
  dynalite: Dynalite,
  o: { action: string; body: Buffer; response: AwsResponse & { body: Buffer } },
): Promise<AwsResponse> {
  if (!o.response.body.includes('ConditionalCheckFailedException')) return o.response
  const input = Input.parse(o.body)
  if (input.optionalText('ReturnValuesOnConditionCheckFailure') !== 'ALL_OLD') return o.response
  const item = await itemOf(dynalite, input)
  if (item === undefined) return o.response
  const error = JSON.parse(o.response.body.toString('utf8'))
  return { ...answered({ ...error, Item: item }), status: 400 }
}

const writes = new Set(['PutItem', 'UpdateItem', 'DeleteItem', 'BatchWriteItem'])

export function prepareDynamoDbCall(dynamodb: DynamoDb, request: AwsRequest): PreparedCall {
  const action = header(request, 'x-amz-target')?.split('.')[1] ?? ''
  const input = Input.parse(request.body)
  const tables =
    input.optionalText('TableName') ?? Object.keys(input.optionalRecord('RequestItems') ?? {}).join(',')
  return {
    service: 'dynamodb',
    action,
    resource: tables || '*',
    protocol: 'json',
    input: input.value,
    ...(writes.has(action) && { payload: () => plain(JSON.parse(request.body.toString('utf8'))) }),
    run: () => dynamodb.call(action, request.body),
  }
}
