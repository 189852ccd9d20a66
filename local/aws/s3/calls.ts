import type { PreparedCall } from '../call.ts'
import { readable } from '../call.ts'
import { AwsError, xmlHead, xmlOf } from '../errors.ts'
import type { AwsRequest, AwsResponse } from '../http.ts'
import { objectBytes } from './aws-chunked.ts'
import { listBuckets, listObjects, listObjectsV1 } from './list.ts'
import { abortUpload, completeUpload, createUpload, uploadPart } from './multipart.ts'
import { conditionOf, copyObject, deleteObjects, getObject, headObject, putObject } from './object.ts'
import type { S3 } from './s3.ts'

export type S3Call = { s3: S3; request: AwsRequest; bucket: string; key: string }
type Operation = { action: string; run: (call: S3Call) => AwsResponse | Promise<AwsResponse>; isWrite?: true }

const namespace = 'http://s3.amazonaws.com/doc/2006-03-01/'

export function xml(root: string, members: object): AwsResponse {
  return {
    status: 200,
    headers: { 'content-type': 'application/xml' },
    body: `${xmlHead}<${root} xmlns="${namespace}">${xmlOf(members)}</${root}>`,
  }
}

/** Reads an S3 call: bucket and key from the path, or from the host (`bucket.localhost`), action from method and query. */
export function prepareS3Call(s3: S3, request: AwsRequest): PreparedCall {
  const { bucket, key } = addressOf(request)
  const call: S3Call = { s3, request, bucket, key }
  const operation = operationOf(call)
  const resource = key === '' ? bucket || '*' : `${bucket}/${key}`
  return {
    service: 's3',
    action: operation.action,
    resource,
    protocol: 's3',
    ...(operation.isWrite && { payload: () => written(request) }),
    run: () => operation.run(call),
  }
}

function addressOf({ host, path }: AwsRequest): { bucket: string; key: string } {
  const virtual = /^(.+?)\.(?:s3\..+|s3-.+|localhost)(?::\d+)?$/.exec(host)?.[1]
  const segments = decoded(path).slice(1)
  if (virtual !== undefined) return { bucket: virtual, key: segments }
  const slash = segments.indexOf('/')
  return slash < 0
    ? { bucket: segments, key: '' }
    : { bucket: segments.slice(0, slash), key: segments.slice(slash + 1) }
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    throw new AwsError('InvalidURI', "Couldn't parse the specified URI.")
  }
}

function operationOf(call: S3Call): Operation {
  const { method } = call.request
  const operation =
    call.bucket === ''
      ? serviceOperation(method)
      : call.key === ''
        ? bucketOperation(call)
        : objectOperation(call)
  if (operation) return operation
  throw new AwsError('NotImplemented', `${method} with ?${call.request.query} is not known here`, {
    status: 501,
  })
}

function serviceOperation(method: string): Operation | undefined {
  return method === 'GET' ? { action: 'ListBuckets', run: listBuckets } : undefined
}

function bucketOperation({ request: { method, query } }: S3Call): Operation | undefined {
  switch (method) {
    case 'HEAD':
      return { action: 'HeadBucket', run: headBucket }
    case 'PUT':
      return query.size > 0 && !query.has('x-id') ? undefined : { action: 'CreateBucket', run: createBucket }
    case 'POST':
      return query.has('delete') ? { action: 'DeleteObjects', run: deleteObjects, isWrite: true } : undefined
    case 'GET':
      if (query.has('location'))
        return { action: 'GetBucketLocation', run: () => xml('LocationConstraint', {}) }
      return query.get('list-type') === '2'
        ? { action: 'ListObjectsV2', run: listObjects }
        : { action: 'ListObjects', run: listObjectsV1 }
    default:
      return undefined
  }
}

function objectOperation({ request: { method, query, headers } }: S3Call): Operation | undefined {
  switch (method) {
    case 'HEAD':
      return { action: 'HeadObject', run: headObject }
    case 'GET':
      return query.has('uploadId') || query.has('tagging')
        ? undefined
        : { action: 'GetObject', run: getObject }
    case 'DELETE':
      return query.has('uploadId')
        ? { action: 'AbortMultipartUpload', run: abortUpload }
        : { action: 'DeleteObject', run: deleteObject, isWrite: true }
    case 'POST':
      if (query.has('uploads')) return { action: 'CreateMultipartUpload', run: createUpload }
      return query.has('uploadId') ? { action: 'CompleteMultipartUpload', run: completeUpload } : undefined
    case 'PUT':
      if (query.has('uploadId')) return { action: 'UploadPart', run: uploadPart }
      return headers['x-amz-copy-source'] === undefined
        ? { action: 'PutObject', run: putObject, isWrite: true }
        : { action: 'CopyObject', run: copyObject, isWrite: true }
    default:
      return undefined
  }
}

function createBucket({ s3, bucket }: S3Call): AwsResponse {
  s3.createBucket(bucket)
  return { status: 200, headers: { location: `/${bucket}` } }
}

function headBucket({ s3, bucket }: S3Call): AwsResponse {
  return { status: s3.hasBucket(bucket) ? 200 : 404, headers: { 'x-amz-bucket-region': 'us-east-1' } }
}

async function deleteObject({ s3, bucket, key }: S3Call): Promise<AwsResponse> {
  await s3.deleteObject(bucket, key)
  return { status: 204 }
}

function written(request: AwsRequest): unknown {
  if (request.method === 'DELETE') return undefined
  try {
    return { ...conditionOf(request), body: readable(objectBytes(request)) }
  } catch {
    return { bytes: request.body.length }
  }
}
