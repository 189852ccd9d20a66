/** By what S3 bills a request: https://aws.amazon.com/s3/pricing/ */
export type S3Class = 'write' | 'read' | 'delete'

const writes = new Set([
  'PutObject',
  'CopyObject',
  'CreateBucket',
  'CreateMultipartUpload',
  'UploadPart',
  'CompleteMultipartUpload',
  'ListBuckets',
  'ListObjects',
  'ListObjectsV2',
])
const deletes = new Set(['DeleteObject', 'DeleteObjects', 'AbortMultipartUpload'])

/** PUT, COPY, POST and LIST are the dear ones, DELETE is free, and everything else is a GET. */
export function s3Class(action: string): S3Class {
  if (writes.has(action)) return 'write'
  return deletes.has(action) ? 'delete' : 'read'
}
