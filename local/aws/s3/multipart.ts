import { hash, randomUUID } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { AwsError } from '../errors.ts'
import { isMissing } from '../file.ts'
import type { AwsResponse } from '../http.ts'
import { objectBytes } from './aws-chunked.ts'
import { type S3Call, xml } from './calls.ts'
import { conditionOf } from './object.ts'

/** Parts wait as files of a folder `upload-<id>` among the drafts. The finished object's ETag is its plain MD5. */
export async function createUpload({ s3, bucket, key }: S3Call): Promise<AwsResponse> {
  const uploadId = randomUUID()
  await mkdir(join(dirname(s3.draftPath()), `upload-${uploadId}`))
  return xml('InitiateMultipartUploadResult', { Bucket: bucket, Key: key, UploadId: uploadId })
}

export async function uploadPart(call: S3Call): Promise<AwsResponse> {
  const folder = await folderOf(call)
  const number = Number(call.request.query.get('partNumber'))
  const bytes = objectBytes(call.request)
  const draft = call.s3.draftPath()
  await writeFile(draft, bytes)
  await rename(draft, join(folder, String(number).padStart(5, '0')))
  return { status: 200, headers: { etag: `"${hash('md5', bytes)}"` } }
}

export async function completeUpload(call: S3Call): Promise<AwsResponse> {
  const { s3, request, bucket, key } = call
  const folder = await folderOf(call)
  const listed = [...request.body.toString('utf8').matchAll(/<PartNumber>(\d+)<\/PartNumber>/g)]
  const draft = s3.draftPath()
  await pipeline(async function* () {
    for (const [, number] of listed) yield* createReadStream(join(folder, (number ?? '').padStart(5, '0')))
  }, createWriteStream(draft))
  const object = await s3.putFile({ bucket, key, draft, condition: conditionOf(request) })
  await rm(folder, { recursive: true })
  return xml('CompleteMultipartUploadResult', { Bucket: bucket, Key: key, ETag: `"${object.etag}"` })
}

export async function abortUpload(call: S3Call): Promise<AwsResponse> {
  await rm(await folderOf(call), { recursive: true })
  return { status: 204 }
}

async function folderOf({ s3, request }: S3Call): Promise<string> {
  const uploadId = request.query.get('uploadId') ?? ''
  const folder = join(dirname(s3.draftPath()), `upload-${uploadId}`)
  try {
    if (/^[0-9a-f-]+$/.test(uploadId)) {
      await readdir(folder)
      return folder
    }
  } catch (error) {
    if (!isMissing(error)) throw error
  }
  throw new AwsError('NoSuchUpload', 'The specified upload does not exist.', { status: 404 })
}
