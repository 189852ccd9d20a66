import { AwsError } from '../errors.ts'
import type { Input } from '../input.ts'
import type { KinesisStore } from './store.ts'

/** Where a reader stands: after a record, or (null) before the oldest. */
export type Position = { stream: string; createdMs: number; shardId: string; after: string | null }

const lifetimeMs = 5 * 60_000

export function encodeIterator(position: Position): string {
  return Buffer.from(JSON.stringify({ ...position, issuedMs: Date.now() })).toString('base64')
}

export function decodeIterator(token: string): Position {
  const { issuedMs, ...position } = parse(token)
  if (Date.now() - issuedMs > lifetimeMs) {
    throw new AwsError(
      'ExpiredIteratorException',
      `Iterator expired. The iterator was created at ${new Date(issuedMs).toISOString()}, more than 5 minutes ago.`,
    )
  }
  return position
}

function parse(token: string): Position & { issuedMs: number } {
  try {
    const value = JSON.parse(Buffer.from(token, 'base64').toString('utf8'))
    if (typeof value.stream === 'string' && typeof value.issuedMs === 'number') return value
  } catch {
    // falls through: whatever is wrong with it, it is no iterator of ours
  }
  throw new AwsError('InvalidArgumentException', 'Invalid ShardIterator.')
}

export function positionOf(store: KinesisStore, stream: string, input: Input): Position {
  const shardId = input.text('ShardId')
  const { createdMs } = store.describe(stream)
  return { stream, createdMs, shardId, after: afterOf(store, { stream, shardId, input }) }
}

function afterOf(store: KinesisStore, o: { stream: string; shardId: string; input: Input }): string | null {
  const type = o.input.text('ShardIteratorType')
  switch (type) {
    case 'TRIM_HORIZON':
      store.latest(o.stream, o.shardId) // says so if there is no such shard
      return null
    case 'LATEST':
      return store.latest(o.stream, o.shardId)
    case 'AFTER_SEQUENCE_NUMBER':
      return sequenceNumberIn(o.input)
    case 'AT_SEQUENCE_NUMBER':
      // Only the tick within a number orders records; the one before it is a whole tick down.
      return (BigInt(sequenceNumberIn(o.input)) - (1n << 80n)).toString()
    case 'AT_TIMESTAMP':
      return store.positionAt({ ...o, timestampMs: o.input.number('Timestamp') * 1000 })
    default:
      throw new AwsError(
        'ValidationException',
        `1 validation error detected: Value '${type}' at 'shardIteratorType' failed to satisfy constraint: Member must satisfy enum value set: [AFTER_SEQUENCE_NUMBER, LATEST, AT_TIMESTAMP, AT_SEQUENCE_NUMBER, TRIM_HORIZON]`,
      )
  }
}

function sequenceNumberIn(input: Input): string {
  const text = input.text('StartingSequenceNumber')
  if (!/^\d{1,129}$/.test(text)) {
    throw new AwsError('InvalidArgumentException', `StartingSequenceNumber ${text} is not a sequence number.`)
  }
  return text
}
