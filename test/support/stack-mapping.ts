import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openKinesisStore } from '../../local/aws/kinesis/disk-store.ts'
import type { KinesisStore } from '../../local/aws/kinesis/store.ts'
import { eventOfBatch } from '../../local/stack/batch-event.ts'
import type { MappingDeclaration } from '../../local/stack/declaration.ts'
import { EventSourceMapping } from '../../local/stack/event-source-mapping.ts'
import type { Invocation } from '../../local/stack/invocation.ts'

export const stream = 'weir-local-raw'

/** A batch as the function under the mapping saw it: shard, and the texts of its records. */
export interface SeenBatch {
  readonly shardId: string
  readonly texts: readonly string[]
  readonly sequenceNumbers: readonly string[]
}

/** What a function under test answers: a value it returns, or an error it throws. */
export type Answer = (batch: SeenBatch, nth: number) => unknown

export interface MappingBench {
  readonly kinesis: KinesisStore
  readonly batches: SeenBatch[]
  readonly events: string[]
  readonly objects: { bucket: string; key: string; body: string }[]
  readonly mapping: EventSourceMapping
  put(...texts: string[]): void
  stop(): Promise<void>
}

const declaration: MappingDeclaration = {
  id: 'EnrichMapping',
  streamName: stream,
  streamArn: `arn:aws:kinesis:us-east-1:000000000000:stream/${stream}`,
  functionName: 'weir-local-enrich',
  batchSize: 100,
  windowMs: 0,
  startingPosition: 'TRIM_HORIZON',
  reportsBatchItemFailures: true,
  bisects: false,
  maxRetries: -1,
  maxRecordAgeMs: -1,
  onFailureBucket: undefined,
}

export function openStream(shardCount = 1): { dataDir: string; kinesis: KinesisStore } {
  const dataDir = mkdtempSync(join(tmpdir(), 'weir-mapping-'))
  const kinesis = openKinesisStore(dataDir)
  kinesis.createStream({ name: stream, shardCount })
  return { dataDir, kinesis }
}

/** A mapping over a stream on disk, whose function answers as told. */
export function startMapping(
  { dataDir, kinesis }: { dataDir: string; kinesis: KinesisStore },
  answer: Answer,
  overrides: Partial<MappingDeclaration> = {},
): MappingBench {
  const batches: SeenBatch[] = []
  const events: string[] = []
  const objects: MappingBench['objects'] = []
  const mapping = new EventSourceMapping({
    declaration: { ...declaration, ...overrides },
    kinesis,
    checkpointFile: join(dataDir, 'mappings/enrich.json'),
    firstBackoffMs: 1,
    invoke: async (made): Promise<Invocation> => {
      const payload = made()
      const event = typeof payload === 'string' ? payload : JSON.stringify(eventOfBatch(payload))
      events.push(event)
      const batch = seen(event)
      batches.push(batch)
      return invocationOf(() => answer(batch, batches.length))
    },
    putObject: async (object) => void objects.push(object),
  })
  mapping.start((error) => {
    throw error
  })
  const put = (...texts: string[]) => putTexts(kinesis, ...texts)
  return { kinesis, batches, events, objects, mapping, put, stop: () => mapping.stop() }
}

export function putTexts(kinesis: KinesisStore, ...texts: string[]): string[] {
  const records = texts.map((text) => ({ data: Buffer.from(text), partitionKey: text.slice(0, 20) }))
  return kinesis.put(stream, records).map(({ sequenceNumber }) => sequenceNumber)
}

export function failing(...identifiers: (string | undefined)[]): unknown {
  return { batchItemFailures: identifiers.map((itemIdentifier) => ({ itemIdentifier })) }
}

async function invocationOf(answer: () => unknown): Promise<Invocation> {
  try {
    const payload = JSON.stringify(await answer()) ?? 'null'
    return { kind: 'returned', requestId: 'r', payload }
  } catch (error) {
    return {
      kind: 'failed',
      requestId: 'r',
      errorType: 'Error',
      errorMessage: String(error),
      timedOut: false,
    }
  }
}

function seen(payload: string): SeenBatch {
  const { Records: records }: { Records: EventRecord[] } = JSON.parse(payload)
  return {
    shardId: records[0]?.eventID.split(':')[0] ?? '',
    texts: records.map(({ kinesis }) => Buffer.from(kinesis.data, 'base64').toString()),
    sequenceNumbers: records.map(({ kinesis }) => kinesis.sequenceNumber),
  }
}

interface EventRecord {
  readonly eventID: string
  readonly kinesis: { readonly data: string; readonly sequenceNumber: string }
}
