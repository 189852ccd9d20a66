import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { isMissing } from '../file.ts'
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

/**
 * Paths of the objects below a location, or only of those right below it, but for those whose name says that they are
 * hidden.
 */
export async function filesAt(
  s3: S3,
  location: Location,
  { recursive = true }: { readonly recursive?: boolean } = {},
): Promise<string[]> {
  try {
    const entries = await readdir(folderAt(s3, location), { recursive, withFileTypes: true })
    const files = entries.filter((entry) => entry.isFile() && !/^[._]/.test(entry.name))
    return files.map(({ parentPath, name }) => join(parentPath, name)).sort()
  } catch (error) {
    if (isMissing(error)) return []
    throw error
  }
}
