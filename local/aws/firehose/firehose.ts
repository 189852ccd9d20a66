import { join } from 'node:path'
import { AwsError } from '../errors.ts'
import type { S3 } from '../s3/s3.ts'
import type { GlueColumn } from './columns.ts'
import { DeliveryStream, type DeliveryStreamOptions } from './delivery-stream.ts'
import { destinationOf } from './destination.ts'
import { openParquetConverter } from './parquet.ts'

export type Firehose = {
  /** Takes the properties of an AWS::KinesisFirehose::DeliveryStream and, if it converts, its Glue table's columns. */
  declare(properties: object, columns?: readonly GlueColumn[]): void
  names(): string[]
  stream(name: string): DeliveryStream
  /** Delivers now all that was taken. */
  flush(): Promise<void>
  /** Delivers what it can; what it cannot waits on disk for the next start. */
  close(): Promise<void>
}

export type FirehoseOptions = { dataDir: string; s3: S3 } & Pick<DeliveryStreamOptions, 'onTaken'>

export function openFirehose({ dataDir, ...o }: FirehoseOptions): Firehose {
  const streams = new Map<string, DeliveryStream>()
  const converter = openParquetConverter(join(dataDir, 'duckdb'))

  return {
    declare(properties, columns) {
      const destination = destinationOf(properties, columns)
      if (streams.has(destination.name)) return
      const folder = join(dataDir, 'firehose', destination.name)
      streams.set(destination.name, new DeliveryStream(destination, { ...o, folder, converter }))
    },
    names: () => [...streams.keys()].sort(),
    stream(name) {
      const stream = streams.get(name)
      if (stream) return stream
      throw new AwsError(
        'ResourceNotFoundException',
        `Firehose ${name} under account 000000000000 not found.`,
      )
    },
    async flush() {
      await Promise.all([...streams.values()].map((stream) => stream.flush()))
    },
    async close() {
      const closed = await Promise.allSettled([...streams.values()].map((stream) => stream.close()))
      for (const one of closed)
        if (one.status === 'rejected') console.error(`not delivered, kept for later: ${one.reason}`)
    },
  }
}
