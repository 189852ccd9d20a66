import {
  type AttributeValue,
  ConditionalCheckFailedException,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb'
import {
  type Ledger,
  type Result,
  type Run,
  type RunId,
  type RunStatus,
  runText,
} from '../core/report/ledger.ts'
import type { Attributes } from './pane-attributes.ts'

//  recorded          absent      due           queued, failed      chosen, done
//  add               put         keep          keep                keep
//  markQueued        keep        queued        keep                keep
//  choose            chosen      chosen        chosen              keep, and answer what is chosen
//  markFailed        failed      failed        failed              keep
const isAbsent = 'attribute_not_exists(pk)'
const isDue = '#status = :due'
const isOpen = 'attribute_not_exists(#result)'

const names = { '#status': 'status', '#result': 'result', '#reason': 'reason' }
type Name = keyof typeof names

/** The runs of reports in DynamoDB: pk `report#<name>`, sk `2026-11-21T1200Z`. */
export const createReportLedger = (options: {
  readonly tableName: string
  readonly client?: DynamoDBClient
}): Ledger => {
  const client = options.client ?? new DynamoDBClient({})
  const TableName = options.tableName

  /** What stands there when the condition fails; undefined when the update was made. */
  const update = async (
    run: RunId,
    set: {
      readonly expression: string
      readonly values: Attributes
      readonly condition?: string
      readonly uses: readonly Name[]
    },
  ): Promise<Attributes | undefined> => {
    try {
      await client.send(
        new UpdateItemCommand({
          TableName,
          Key: keyOf(run),
          UpdateExpression: set.expression,
          ExpressionAttributeNames: Object.fromEntries(set.uses.map((name) => [name, names[name]])),
          ExpressionAttributeValues: set.values,
          ...(set.condition !== undefined && { ConditionExpression: set.condition }),
          ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
        }),
      )
      return undefined
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error
      return error.Item ?? {}
    }
  }

  return {
    recent: async (report, most) => {
      const { Items = [] } = await client.send(
        new QueryCommand({
          TableName,
          KeyConditionExpression: 'pk = :pk',
          ExpressionAttributeValues: { ':pk': { S: partitionOf(report) } },
          ScanIndexForward: false,
          Limit: most,
          ConsistentRead: true,
        }),
      )
      return Items.map(toRun)
    },
    get: async (run) => {
      const { Item } = await client.send(
        new GetItemCommand({ TableName, Key: keyOf(run), ConsistentRead: true }),
      )
      return Item === undefined ? undefined : toRun(Item)
    },
    add: async (run) => {
      try {
        await client.send(
          new PutItemCommand({
            TableName,
            Item: {
              ...keyOf(run),
              status: { S: 'due' },
              dueAt: { S: new Date(run.dueAt).toISOString() },
              isComplete: { BOOL: run.isComplete },
            },
            ConditionExpression: isAbsent,
          }),
        )
      } catch (error) {
        if (!(error instanceof ConditionalCheckFailedException)) throw error
      }
    },
    markQueued: async (run, queuedAt) => {
      await update(run, {
        expression: 'SET #status = :queued, queuedAt = :at',
        values: {
          ':due': { S: 'due' },
          ':queued': { S: 'queued' },
          ':at': { S: new Date(queuedAt).toISOString() },
        },
        condition: isDue,
        uses: ['#status'],
      })
    },
    choose: async (run, result, { scannedBytes, elapsedMs }) => {
      const standing = await update(run, {
        expression:
          'SET #status = :chosen, #result = :result, scannedBytes = :bytes, elapsedMs = :ms REMOVE #reason',
        values: {
          ':chosen': { S: 'chosen' },
          ':result': { S: JSON.stringify(result) },
          ':bytes': { N: String(scannedBytes) },
          ':ms': { N: String(elapsedMs) },
        },
        condition: isOpen,
        uses: ['#status', '#result', '#reason'],
      })
      return standing === undefined ? result : (resultIn(standing) ?? result)
    },
    markDone: async (run) => {
      await update(run, {
        expression: 'SET #status = :done',
        values: { ':done': { S: 'done' } },
        uses: ['#status'],
      })
    },
    markFailed: async (run, reason) => {
      await update(run, {
        expression: 'SET #status = :failed, #reason = :reason',
        values: { ':failed': { S: 'failed' }, ':reason': { S: reason } },
        condition: isOpen,
        uses: ['#status', '#result', '#reason'],
      })
    },
  }
}

const partitionOf = (report: string): string => `report#${report}`

const keyOf = ({ report, at }: RunId): Record<string, AttributeValue> => ({
  pk: { S: partitionOf(report) },
  sk: { S: runText(at) },
})

const statuses: readonly RunStatus[] = ['due', 'queued', 'chosen', 'done', 'failed']

/** Throws when the item is no run. */
const toRun = (item: Attributes): Run => {
  const [, report] = /^report#(.+)$/.exec(item.pk?.S ?? '') ?? []
  const [, day, hours, minutes] = /^(.{10})T(\d\d)(\d\d)Z$/.exec(item.sk?.S ?? '') ?? []
  const status = statuses.find((one) => one === item.status?.S)
  if (report === undefined || day === undefined || status === undefined)
    throw new Error(`item ${item.pk?.S} ${item.sk?.S} is no run of a report`)
  return {
    report,
    at: Date.parse(`${day}T${hours}:${minutes}Z`),
    ...(item.dueAt?.S !== undefined && { dueAt: Date.parse(item.dueAt.S) }),
    ...(item.queuedAt?.S !== undefined && { queuedAt: Date.parse(item.queuedAt.S) }),
    ...(item.isComplete?.BOOL !== undefined && { isComplete: item.isComplete.BOOL }),
    status,
    result: resultIn(item),
  }
}

const resultIn = (item: Attributes): Result | undefined =>
  item.result?.S === undefined ? undefined : JSON.parse(item.result.S)
