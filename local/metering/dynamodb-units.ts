import { isRecord, itemBytes } from './item-bytes.ts'
import type { TableUnits } from './readout.ts'

const writeUnitBytes = 1024
const readUnitBytes = 4096

export type DynamoDbCall = {
  readonly action: string
  readonly input: unknown
  readonly output: () => unknown
}

/**
 * Adds what a call consumed. A failed condition consumes like a write that succeeds. Not known from the call, and taken
 * for the size of what it brings: an item before or after UpdateItem, before DeleteItem, and one that PutItem replaces.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html
 */
export function addDynamoDbCall(
  { action, input, output }: DynamoDbCall,
  of: (table: string) => TableUnits,
): void {
  if (!isRecord(input)) return
  const table = String(input.TableName)
  switch (action) {
    case 'PutItem':
      addWrite(of(table), itemBytes(input.Item))
      return
    case 'UpdateItem':
      addWrite(of(table), itemBytes(input.Key) + itemBytes(input.ExpressionAttributeValues))
      return
    case 'DeleteItem':
      addWrite(of(table), itemBytes(input.Key))
      return
    case 'BatchWriteItem':
      for (const [name, requests] of entries(input.RequestItems)) {
        for (const request of listOf(requests)) addWrite(of(name), writtenBytes(request))
      }
      return
    case 'GetItem':
      addRead(of(table), itemBytes(member(output(), 'Item')), input.ConsistentRead === true)
      return
    case 'BatchGetItem':
      for (const [name, items] of entries(member(output(), 'Responses'))) {
        const isConsistent = member(member(input.RequestItems, name), 'ConsistentRead') === true
        for (const item of listOf(items)) addRead(of(name), itemBytes(item), isConsistent)
      }
      return
    case 'Query':
    case 'Scan': {
      // All items of a page are rounded up together.
      const bytes = listOf(member(output(), 'Items')).reduce((sum: number, item) => sum + itemBytes(item), 0)
      addRead(of(table), bytes, input.ConsistentRead === true)
      return
    }
  }
}

function addWrite(units: TableUnits, bytes: number): void {
  units.writes++
  units.writeUnits += Math.max(1, Math.ceil(bytes / writeUnitBytes))
  units.bytesWritten += bytes
}

/** An item that is not there takes a unit as well. */
function addRead(units: TableUnits, bytes: number, isConsistent: boolean): void {
  units.reads++
  units.readUnits += Math.max(1, Math.ceil(bytes / readUnitBytes)) * (isConsistent ? 1 : 0.5)
}

function writtenBytes(request: unknown): number {
  const put = member(request, 'PutRequest')
  return put === undefined
    ? itemBytes(member(member(request, 'DeleteRequest'), 'Key'))
    : itemBytes(member(put, 'Item'))
}

const member = (value: unknown, name: string): unknown => (isRecord(value) ? value[name] : undefined)
const entries = (value: unknown): [string, unknown][] => (isRecord(value) ? Object.entries(value) : [])
const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : [])
