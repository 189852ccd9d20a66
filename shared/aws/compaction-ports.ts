import { randomBytes } from 'node:crypto'
import { paginateListObjectsV2, S3Client } from '@aws-sdk/client-s3'
import type { CompactionPorts, Size } from '../core/lake/compaction/ports.ts'
import { createAthena } from './athena.ts'
import { createPaneStore } from './dynamodb.ts'
import { createObjectStore } from './s3.ts'

/** The world of the compaction, by the names that a function finds in its environment. */
export const createCompactionPorts = (names: {
  readonly lakeBucket: string
  readonly metricsTable: string
  readonly workGroup: string
  readonly database: string
}): Omit<CompactionPorts, 'isOutOfTime'> => {
  // Path style: one local address for all buckets; S3 itself still takes it.
  const client = new S3Client({ forcePathStyle: process.env.AWS_ENDPOINT_URL !== undefined })
  return {
    sql: createAthena(names),
    bucket: names.lakeBucket,
    objects: {
      ...createObjectStore(names.lakeBucket, client),
      sizeOf: (prefix) => sizeOf(client, { bucket: names.lakeBucket, prefix }),
    },
    panes: createPaneStore({ tableName: names.metricsTable }),
    now: () => Date.now(),
    chance: () => randomBytes(4).readUInt32LE().toString(36),
  }
}

const sizeOf = async (
  client: S3Client,
  { bucket, prefix }: { readonly bucket: string; readonly prefix: string },
): Promise<Size> => {
  let [files, bytes] = [0, 0]
  for await (const page of paginateListObjectsV2({ client }, { Bucket: bucket, Prefix: prefix }))
    for (const { Size = 0 } of page.Contents ?? []) {
      files++
      bytes += Size
    }
  return { files, bytes }
}
