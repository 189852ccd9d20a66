import {
  DeleteObjectsCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3'
import type { ObjectStore } from '../core/lane/ports.ts'

/** Objects of one bucket. */
export const createObjectStore = (bucket: string, client = sharedClient()): ObjectStore => ({
  async get(key, knownEtag) {
    try {
      const answer = await client.send(
        new GetObjectCommand({ Bucket: bucket, Key: key, ...(knownEtag ? { IfNoneMatch: knownEtag } : {}) }),
      )
      if (!answer.Body || !answer.ETag) throw new Error(`${bucket}/${key}: S3 answered without a body`)
      return { etag: answer.ETag, bytes: await answer.Body.transformToByteArray() }
    } catch (error) {
      if (statusOf(error) === 304) return 'unchanged'
      if (isNoSuchKey(error)) return 'missing'
      throw error
    }
  },

  async compareAndSet(key, bytes, ifMatch) {
    const condition = ifMatch === null ? { IfNoneMatch: '*' } : { IfMatch: ifMatch }
    try {
      const answer = await client.send(
        new PutObjectCommand({ Bucket: bucket, Key: key, Body: bytes, ...condition }),
      )
      if (!answer.ETag) throw new Error(`${bucket}/${key}: S3 answered without an etag`)
      return { etag: answer.ETag }
    } catch (error) {
      // 412: another has written. 409: another is writing just now. 404, what should match is gone: a fault.
      // https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
      if ([409, 412].includes(statusOf(error) ?? 0)) return 'conflict'
      throw error
    }
  },

  async put(key, bytes) {
    await client.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: bytes }))
  },

  async delete(keys) {
    for (let start = 0; start < keys.length; start += maxKeysPerDelete) {
      const Objects = keys.slice(start, start + maxKeysPerDelete).map((Key) => ({ Key }))
      const answer = await client.send(
        new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects, Quiet: true } }),
      )
      const [failed] = answer.Errors ?? []
      if (failed) throw new Error(`${bucket}/${failed.Key} was not deleted: ${failed.Message}`)
    }
  },

  async list(prefix) {
    const keys: string[] = []
    let token: string | undefined
    do {
      const page = await client.send(
        new ListObjectsV2Command({
          Bucket: bucket,
          Prefix: prefix,
          ...(token ? { ContinuationToken: token } : {}),
        }),
      )
      for (const { Key } of page.Contents ?? []) if (Key) keys.push(Key)
      token = page.NextContinuationToken
    } while (token)
    return keys
  },
})

const maxKeysPerDelete = 1_000

/** A bucket that does not exist is a 404 too, and a fault. */
const isNoSuchKey = (error: unknown): boolean =>
  error instanceof S3ServiceException && error.name === 'NoSuchKey'

const statusOf = (error: unknown): number | undefined =>
  error instanceof S3ServiceException ? error.$metadata.httpStatusCode : undefined

let client: S3Client | undefined
function sharedClient(): S3Client {
  // Path style: one local address for all buckets; S3 itself still takes it.
  client ??= new S3Client({ forcePathStyle: process.env.AWS_ENDPOINT_URL !== undefined })
  return client
}
