import { Input } from '../input.ts'
import type { Dynalite } from './dynalite.ts'
import { succeed } from './dynamodb.ts'

export type Json = Record<string, unknown>

/** The item that a PutItem, UpdateItem or DeleteItem is about, as it stands. */
export async function itemOf(dynalite: Dynalite, input: Input): Promise<unknown> {
  const table = input.text('TableName')
  const key =
    input.optionalRecord('Key') ?? (await keyOf(dynalite, table, input.optionalRecord('Item') ?? {}))
  const output = await succeed(dynalite, 'GetItem', { TableName: table, Key: key, ConsistentRead: true })
  return new Input(output).optionalRecord('Item')
}

export async function keyOf(dynalite: Dynalite, table: string, item: Json): Promise<Json> {
  const description = new Input(await succeed(dynalite, 'DescribeTable', { TableName: table }))
  const names = description
    .object('Table')
    .list('KeySchema')
    .map((part) => new Input(part).text('AttributeName'))
  return Object.fromEntries(names.map((name) => [name, item[name]]))
}

const binaryShownAs = (base64: string) => `<${Buffer.from(base64, 'base64').length} bytes>`

/** Typed attribute values ({"S": "x"}) within a call as plain values, for people to read. */
export function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value)
  const [type, content] = entries.length === 1 ? (entries[0] ?? []) : []
  if (type === 'S' || type === 'BOOL' || type === 'SS') return content
  if (type === 'N') return Number(content)
  if (type === 'NULL') return null
  if (type === 'B') return binaryShownAs(String(content))
  if (type === 'M' || type === 'L') return plain(content)
  return Object.fromEntries(entries.map(([name, member]) => [name, plain(member)]))
}
