import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  DescribeTimeToLiveCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  type PutItemCommandInput,
  QueryCommand,
  ScanCommand,
  UpdateItemCommand,
  UpdateTimeToLiveCommand,
} from '@aws-sdk/client-dynamodb'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { openDynalite } from '../../local/aws/dynamodb/dynalite.ts'
import { sweepExpired } from '../../local/aws/dynamodb/time-to-live.ts'
import { type EndpointFixture, openFixture } from './endpoint-fixture.ts'

const TableName = 'metrics'
const table = {
  TableName,
  BillingMode: 'PAY_PER_REQUEST',
  AttributeDefinitions: [
    { AttributeName: 'pk', AttributeType: 'S' },
    { AttributeName: 'sk', AttributeType: 'S' },
  ],
  KeySchema: [
    { AttributeName: 'pk', KeyType: 'HASH' },
    { AttributeName: 'sk', KeyType: 'RANGE' },
  ],
  TimeToLiveSpecification: { AttributeName: 'expiresAt', Enabled: true },
  PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
}
let fixture: EndpointFixture
let dynamodb: DynamoDBClient

beforeAll(async () => {
  fixture = await openFixture()
  await fixture.endpoint.dynamodb.createTable(table)
  dynamodb = new DynamoDBClient(fixture.client)
})

afterAll(async () => {
  dynamodb.destroy()
  await fixture.remove()
})

const item = (sk: string, more = {}) => ({ pk: { S: 'p' }, sk: { S: sk }, ...more })
const put = (Item: PutItemCommandInput['Item']) => dynamodb.send(new PutItemCommand({ TableName, Item }))
const get = async (sk: string) => (await dynamodb.send(new GetItemCommand({ TableName, Key: item(sk) }))).Item
const nowSeconds = () => Math.floor(Date.now() / 1000)

it('answers a failed condition of a put with the item that stands, when asked', async () => {
  await put(item('a', { version: { N: '7' } }))
  const older = (more = {}) =>
    dynamodb.send(
      new PutItemCommand({
        TableName,
        Item: item('a', { version: { N: '6' } }),
        ConditionExpression: 'attribute_not_exists(pk) OR version < :new',
        ExpressionAttributeValues: { ':new': { N: '6' } },
        ...more,
      }),
    )

  await expect(older({ ReturnValuesOnConditionCheckFailure: 'ALL_OLD' })).rejects.toMatchObject({
    name: 'ConditionalCheckFailedException',
    Item: item('a', { version: { N: '7' } }),
  })
  await expect(older()).rejects.toMatchObject({ name: 'ConditionalCheckFailedException', Item: undefined })
})

it('answers a failed condition of an update with the item that stands', async () => {
  await put(item('u', { n: { N: '1' } }))
  const update = dynamodb.send(
    new UpdateItemCommand({
      TableName,
      Key: item('u'),
      UpdateExpression: 'SET n = :two',
      ConditionExpression: 'n = :two',
      ExpressionAttributeValues: { ':two': { N: '2' } },
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    }),
  )
  await expect(update).rejects.toMatchObject({ Item: item('u', { n: { N: '1' } }) })
})

it('does not show what has expired, and shows what has not', async () => {
  await put(item('ttl-past', { expiresAt: { N: String(nowSeconds() - 1) } }))
  await put(item('ttl-future', { expiresAt: { N: String(nowSeconds() + 60) } }))
  await put(item('ttl-none'))

  const query = await dynamodb.send(
    new QueryCommand({
      TableName,
      KeyConditionExpression: 'pk = :p AND begins_with(sk, :t)',
      ExpressionAttributeValues: { ':p': { S: 'p' }, ':t': { S: 'ttl-' } },
    }),
  )
  const scan = await dynamodb.send(new ScanCommand({ TableName }))

  expect(await get('ttl-past')).toBeUndefined()
  expect(query.Items?.map((one) => one.sk?.S)).toEqual(['ttl-future', 'ttl-none'])
  expect(query.Count).toBe(2)
  expect(scan.Items?.map((one) => one.sk?.S)).not.toContain('ttl-past')
})

it('deletes what has expired, in time', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'weir-ttl-'))
  const dynalite = await openDynalite(dataDir)
  const send = (action: string, input: object) => dynalite.send(action, JSON.stringify(input))
  const { TimeToLiveSpecification: _, PointInTimeRecoverySpecification: __, ...plain } = table
  await send('CreateTable', plain)
  await vi.waitUntil(async () => (await send('DescribeTable', { TableName })).body.includes('ACTIVE'))
  await send('PutItem', { TableName, Item: item('past', { expiresAt: { N: '1' } }) })
  await send('PutItem', { TableName, Item: item('future', { expiresAt: { N: String(nowSeconds() + 60) } }) })
  await send('PutItem', { TableName, Item: item('never') })

  await sweepExpired({ dynalite, table: TableName, attribute: 'expiresAt' })

  const { Items } = JSON.parse((await send('Scan', { TableName })).body.toString())
  expect(Items.map((one: { sk: { S: string } }) => one.sk.S)).toEqual(['future', 'never'])
  await dynalite.close()
  rmSync(dataDir, { recursive: true })
})

it('tells and changes the time to live of a table', async () => {
  await fixture.endpoint.dynamodb.createTable({
    ...table,
    TableName: 'other',
    TimeToLiveSpecification: undefined,
  })
  const describe = async () =>
    (await dynamodb.send(new DescribeTimeToLiveCommand({ TableName: 'other' }))).TimeToLiveDescription
  expect(await describe()).toEqual({ TimeToLiveStatus: 'DISABLED' })
  const TimeToLiveSpecification = { AttributeName: 'gone', Enabled: true }
  await dynamodb.send(new UpdateTimeToLiveCommand({ TableName: 'other', TimeToLiveSpecification }))
  expect(await describe()).toEqual({ AttributeName: 'gone', TimeToLiveStatus: 'ENABLED' })
})

it('keeps items and time to live over a restart, and declaring the table again changes nothing', async () => {
  await put(item('kept', { expiresAt: { N: String(nowSeconds() + 60) } }))
  await put(item('expired', { expiresAt: { N: '1' } }))
  await fixture.restart()
  await fixture.endpoint.dynamodb.createTable(table)
  expect((await get('kept'))?.sk).toEqual({ S: 'kept' })
  expect(await get('expired')).toBeUndefined()
})
