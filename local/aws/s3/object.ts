import { copyFile, type FileHandle } from 'node:fs/promises'
import { AwsError } from '../errors.ts'
import { type AwsRequest, type AwsResponse, header } from '../http.ts'
import { objectBytes } from './aws-chunked.ts'
import { type S3Call, xml } from './calls.ts'
import { matches, type ObjectInfo, type PutCondition, type S3 } from './s3.ts'

const streamedFromBytes = 1024 * 1024

export function conditionOf(request: AwsRequest): PutCondition {
  return { ifMatch: header(request, 'if-match'), ifNoneMatch: header(request, 'if-none-match') }
}

export async function existing(s3: S3, bucket: string, key: string): Promise<ObjectInfo> {
  const object = await s3.head(bucket, key)
  if (object) return object
  throw noSuchKey(key)
}

function noSuchKey(key: string): AwsError {
  return new AwsError('NoSuchKey', 'The specified key does not exist.', { status: 404, detail: { Key: key } })
}

export async function putObject({ s3, request, bucket, key }: S3Call): Promise<AwsResponse> {
  const object = await s3.putObject(bucket, key, objectBytes(request), conditionOf(request))
  return { status: 200, headers: { etag: `"${object.etag}"` } }
}

export async function headObject({ s3, request, bucket, key }: S3Call): Promise<AwsResponse> {
  const object = await existing(s3, bucket, key)
  const refused = unread(request, object)
  return (
    refused ?? { status: 200, headers: { ...headersOf(object), 'content-length': String(object.sizeBytes) } }
  )
}

export async function getObject({ s3, request, bucket, key }: S3Call): Promise<AwsResponse> {
  const object = await s3.open(bucket, key)
  if (!object) throw noSuchKey(key)
  const { info, file } = object
  let isStreaming = false
  try {
    const refused = unread(request, info)
    if (refused) return refused
    const range = rangeOf(header(request, 'range'), info.sizeBytes)
    const { start, end } = range ?? { start: 0, end: info.sizeBytes }
    isStreaming = end - start >= streamedFromBytes
    const headers = { ...headersOf(info), 'content-length': String(end - start) }
    const body = isStreaming
      ? file.createReadStream({ start, end: end - 1 })
      : await readRange(file, start, end)
    if (!range) return { status: 200, headers, body }
    return {
      status: 206,
      headers: { ...headers, 'content-range': `bytes ${start}-${end - 1}/${info.sizeBytes}` },
      body,
    }
  } finally {
    if (!isStreaming) await file.close()
  }
}

async function readRange(file: FileHandle, start: number, end: number): Promise<Buffer> {
  const { buffer } = await file.read(Buffer.alloc(end - start), 0, end - start, start)
  return buffer
}

/** 304 or 412 where the reader's conditions say so. */
function unread(request: AwsRequest, object: ObjectInfo): AwsResponse | undefined {
  const { ifMatch, ifNoneMatch } = conditionOf(request)
  if (ifMatch !== undefined && !matches(object, ifMatch)) {
    throw new AwsError(
      'PreconditionFailed',
      'At least one of the pre-conditions you specified did not hold',
      { status: 412 },
    )
  }
  if (ifNoneMatch !== undefined && matches(object, ifNoneMatch))
    return { status: 304, headers: headersOf(object) }
  return undefined
}

function headersOf(object: ObjectInfo): Record<string, string> {
  return {
    etag: `"${object.etag}"`,
    'last-modified': new Date(object.modifiedMs).toUTCString(),
    'accept-ranges': 'bytes',
    'content-type': 'binary/octet-stream',
  }
}

/** `bytes=a-b`, `bytes=a-`, `bytes=-last`; half-open in the answer. Anything else is ignored, as by S3. */
function rangeOf(text: string | undefined, sizeBytes: number): { start: number; end: number } | undefined {
  const [, first, last] = /^bytes=(\d*)-(\d*)$/.exec(text ?? '') ?? []
  if (first === undefined || last === undefined || (first === '' && last === '')) return undefined
  const start = first === '' ? Math.max(0, sizeBytes - Number(last)) : Number(first)
  const end = first === '' || last === '' ? sizeBytes : Math.min(sizeBytes, Number(last) + 1)
  if (start < end) return { start, end }
  throw new AwsError('InvalidRange', 'The requested range is not satisfiable', { status: 416 })
}

export async function copyObject({ s3, request, bucket, key }: S3Call): Promise<AwsResponse> {
  const source = decodeURIComponent(header(request, 'x-amz-copy-source') ?? '').replace(/^\//, '')
  const slash = source.indexOf('/')
  const from = await existing(s3, source.slice(0, slash), source.slice(slash + 1))
  const draft = s3.draftPath()
  await copyFile(from.path, draft)
  const object = await s3.putFile({ bucket, key, draft })
  return xml('CopyObjectResult', {
    ETag: `"${object.etag}"`,
    LastModified: new Date(object.modifiedMs).toISOString(),
  })
}

export async function deleteObjects({ s3, request, bucket }: S3Call): Promise<AwsResponse> {
  const text = objectBytes(request).toString('utf8')
  const keys = [...text.matchAll(/<Key>([^<]*)<\/Key>/g)].map(([, key]) => unescapeXml(key ?? ''))
  for (const key of keys) await s3.deleteObject(bucket, key)
  const isQuiet = /<Quiet>true<\/Quiet>/.test(text)
  return xml('DeleteResult', isQuiet ? {} : { Deleted: keys.map((key) => ({ Key: key })) })
}

const entities: Record<string, string> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" }

function unescapeXml(text: string): string {
  return text.replace(/&(?:#x([0-9a-fA-F]+)|#(\d+)|(\w+));/g, (whole, hex, decimal, name) => {
    if (hex !== undefined) return String.fromCodePoint(Number.parseInt(hex, 16))
    return decimal === undefined ? (entities[name] ?? whole) : String.fromCodePoint(Number(decimal))
  })
}
