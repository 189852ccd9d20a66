import { randomUUID } from 'node:crypto'
import { mkdirSync, readdirSync, rmSync } from 'node:fs'
import { type FileHandle, mkdir, open, rename, rmdir, unlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { AwsError } from '../errors.ts'
import { hasCode, isMissing, readJsonFile, replaceFile } from '../file.ts'
import { openKeyLocks } from '../key-locks.ts'
import { openEtags } from './etag.ts'
import { pathOfKey } from './key-path.ts'
import { keysIn } from './keys.ts'

export type ObjectInfo = { key: string; etag: string; sizeBytes: number; modifiedMs: number; path: string }

/** As in If-Match and If-None-Match: an ETag in quotes, or `*`. */
export type PutCondition = { ifMatch?: string | undefined; ifNoneMatch?: string | undefined }

export type S3 = {
  bucketNames(): string[]
  /** Does nothing to a bucket that exists. The folder is below the data folder. */
  createBucket(name: string, folder?: string): void
  hasBucket(name: string): boolean
  /** Where the objects of a bucket lie. */
  folder(bucket: string): string
  putObject(bucket: string, key: string, bytes: Uint8Array, condition?: PutCondition): Promise<ObjectInfo>
  /** Takes over a file written below `draftPath()`. */
  putFile(o: { bucket: string; key: string; draft: string; condition?: PutCondition }): Promise<ObjectInfo>
  /** A path for a file on its way to `putFile`. */
  draftPath(): string
  head(bucket: string, key: string): Promise<ObjectInfo | undefined>
  /** The object as it is at this moment, whatever is put in its place while it is read. The caller closes the file. */
  open(bucket: string, key: string): Promise<{ info: ObjectInfo; file: FileHandle } | undefined>
  deleteObject(bucket: string, key: string): Promise<void>
  /** Keys in the order of their UTF-8 bytes. */
  keys(o: { bucket: string; prefix: string; after: string }): AsyncGenerator<string>
}

/** Buckets as folders, objects as plain files. Drafts lie beside the buckets and become visible by a rename. */
export function openS3(o: { dataDir: string; buckets: Record<string, string> }): S3 {
  const registry = join(o.dataDir, 's3-buckets.json')
  const drafts = join(o.dataDir, 's3-drafts')
  const made = (readJsonFile(registry) ?? {}) as Record<string, string>
  const folders = new Map(Object.entries({ ...made, ...o.buckets }))
  mkdirSync(drafts, { recursive: true })
  for (const name of readdirSync(drafts)) {
    if (!name.startsWith('upload-')) rmSync(join(drafts, name), { recursive: true, force: true })
  }
  for (const folder of folders.values()) mkdirSync(join(o.dataDir, folder), { recursive: true })
  const locked = openKeyLocks()
  const etags = openEtags()

  function createBucket(name: string, folder = join('buckets', name)): void {
    if (folders.has(name)) return
    if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(name)) {
      throw new AwsError('InvalidBucketName', `The specified bucket is not valid: ${name}`)
    }
    folders.set(name, folder)
    mkdirSync(join(o.dataDir, folder), { recursive: true })
    replaceFile(registry, JSON.stringify({ ...made, [name]: folder }, null, 2))
    made[name] = folder
  }

  function folderOf(bucket: string): string {
    const folder = folders.get(bucket)
    if (folder === undefined) {
      throw new AwsError('NoSuchBucket', 'The specified bucket does not exist', {
        status: 404,
        detail: { BucketName: bucket },
      })
    }
    return join(o.dataDir, folder)
  }

  const openObject: S3['open'] = async (bucket, key) => {
    const path = join(folderOf(bucket), pathOfKey(key))
    const file = await openIfThere(path)
    if (!file) return undefined
    try {
      const found = await file.stat({ bigint: true })
      if (!found.isFile()) {
        await file.close()
        return undefined
      }
      const etag = await etags.of({ path, file, found })
      return {
        file,
        info: { key, etag, sizeBytes: Number(found.size), modifiedMs: Number(found.mtimeMs), path },
      }
    } catch (error) {
      await file.close()
      throw error
    }
  }

  async function head(bucket: string, key: string): Promise<ObjectInfo | undefined> {
    const object = await openObject(bucket, key)
    await object?.file.close()
    return object?.info
  }

  const putFile: S3['putFile'] = ({ bucket, key, draft, condition = {} }) => {
    const path = join(folderOf(bucket), pathOfKey(key))
    return locked(path, async () => {
      if (condition.ifMatch !== undefined || condition.ifNoneMatch !== undefined) {
        checkCondition(await head(bucket, key), condition)
      }
      await moveInto(draft, path)
      const info = await head(bucket, key)
      if (!info) throw new AwsError('InternalError', `${key} vanished while it was written`, { status: 500 })
      return info
    })
  }

  const draftPath = () => join(drafts, randomUUID())

  return {
    bucketNames: () => [...folders.keys()].sort(),
    createBucket,
    hasBucket: (name) => folders.has(name),
    folder: folderOf,
    draftPath,
    putFile,
    head,
    open: openObject,
    async putObject(bucket, key, bytes, condition) {
      folderOf(bucket)
      const draft = draftPath()
      await writeFile(draft, bytes)
      try {
        return await putFile({ bucket, key, draft, ...(condition && { condition }) })
      } catch (error) {
        await unlink(draft).catch(() => {})
        throw error
      }
    },
    deleteObject(bucket, key) {
      const root = folderOf(bucket)
      const path = join(root, pathOfKey(key))
      return locked(path, async () => {
        try {
          await unlink(path)
        } catch (error) {
          if (isMissing(error) || hasCode(error, 'EISDIR') || hasCode(error, 'EPERM')) return
          throw error
        }
        await removeEmptyFolders(dirname(path), root)
      })
    },
    keys: ({ bucket, prefix, after }) => keysIn(folderOf(bucket), { prefix, after }),
  }
}

async function openIfThere(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, 'r')
  } catch (error) {
    if (isMissing(error)) return undefined
    throw error
  }
}

function checkCondition(current: ObjectInfo | undefined, { ifMatch, ifNoneMatch }: PutCondition): void {
  if (ifMatch !== undefined && !current) {
    throw new AwsError('NoSuchKey', 'The specified key does not exist.', { status: 404 })
  }
  const isRefused =
    (ifMatch !== undefined && !matches(current, ifMatch)) ||
    (ifNoneMatch !== undefined && matches(current, ifNoneMatch))
  if (isRefused) {
    const detail = { Condition: ifMatch === undefined ? 'If-None-Match' : 'If-Match' }
    throw new AwsError(
      'PreconditionFailed',
      'At least one of the pre-conditions you specified did not hold',
      {
        status: 412,
        detail,
      },
    )
  }
}

/** Whether a list of ETags, quoted or not, or `*`, names this object. */
export function matches(object: ObjectInfo | undefined, list: string): boolean {
  if (!object) return false
  return list
    .split(',')
    .some((one) => one.trim() === '*' || one.trim().replace(/^W\/|"/g, '') === object.etag)
}

/** Another delete may remove an emptied folder between our making it and moving into it: then again. */
async function moveInto(draft: string, path: string): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await mkdir(dirname(path), { recursive: true })
      return await rename(draft, path)
    } catch (error) {
      if (
        hasCode(error, 'EISDIR') ||
        hasCode(error, 'ENOTDIR') ||
        hasCode(error, 'EEXIST') ||
        hasCode(error, 'ENOTEMPTY')
      ) {
        throw new AwsError(
          'InvalidRequest',
          'One key cannot be an object and a folder of others: objects are plain files here',
        )
      }
      if (!isMissing(error) || attempt === 5) throw error
    }
  }
}

async function removeEmptyFolders(folder: string, root: string): Promise<void> {
  for (let at = folder; at !== root; at = dirname(at)) {
    try {
      await rmdir(at)
    } catch {
      return // not empty: so are those above it
    }
  }
}
