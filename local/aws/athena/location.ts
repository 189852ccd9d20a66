import { join } from 'node:path'
import { pathOfKey } from '../s3/key-path.ts'
import type { S3 } from '../s3/s3.ts'
import { QueryFailure } from './refusal.ts'

export type Location = { readonly bucket: string; readonly prefix: string }

/** `s3://bucket/prefix/`, with a slash at the end of the prefix. */
export function locationOf(address: string): Location {
  const [, bucket, prefix = ''] = /^s3:\/\/([^/]+)\/?(.*)$/.exec(address) ?? []
  if (bucket === undefined)
    throw new QueryFailure(
      `INVALID_TABLE_PROPERTY: External location is not a valid file system URI: ${address}`,
    )
  return { bucket, prefix: prefix === '' || prefix.endsWith('/') ? prefix : `${prefix}/` }
}

export function addressOf({ bucket, prefix }: Location): string {
  return `s3://${bucket}/${prefix}`
}

/** The folder of a location, whether it exists or not. */
export function folderAt(s3: S3, { bucket, prefix }: Location): string {
  return prefix === '' ? s3.folder(bucket) : join(s3.folder(bucket), pathOfKey(prefix.slice(0, -1)))
}

/** Paths of the objects below a location, but for those whose name says that they are hidden. */
export async function filesAt(s3: S3, { bucket, prefix }: Location): Promise<string[]> {
  const paths: string[] = []
  for await (const key of s3.keys({ bucket, prefix, after: '' })) {
    const name = key.slice(key.lastIndexOf('/') + 1)
    if (name !== '' && !/^[._]/.test(name)) paths.push(join(s3.folder(bucket), pathOfKey(key)))
  }
  return paths
}
