import type { AwsResponse } from '../http.ts'
import { type S3Call, xml } from './calls.ts'

type Listing = { contents: object[]; prefixes: Set<string>; last: string; isTruncated: boolean }

export function listBuckets({ s3 }: S3Call): AwsResponse {
  const buckets = s3.bucketNames().map((name) => ({ Name: name, CreationDate: new Date(0).toISOString() }))
  return xml('ListAllMyBucketsResult', { Owner: { ID: 'local' }, Buckets: { Bucket: buckets } })
}

export async function listObjects(call: S3Call): Promise<AwsResponse> {
  const { query } = call.request
  const token = query.get('continuation-token')
  const after =
    token === null ? (query.get('start-after') ?? '') : Buffer.from(token, 'base64').toString('utf8')
  const listing = await list(call, after)
  return xml('ListBucketResult', {
    ...commonOf(call, listing),
    KeyCount: listing.contents.length + listing.prefixes.size,
    ...(token !== null && { ContinuationToken: token }),
    ...(listing.isTruncated && { NextContinuationToken: Buffer.from(listing.last).toString('base64') }),
  })
}

export async function listObjectsV1(call: S3Call): Promise<AwsResponse> {
  const marker = call.request.query.get('marker') ?? ''
  const listing = await list(call, marker)
  return xml('ListBucketResult', {
    ...commonOf(call, listing),
    Marker: marker,
    ...(listing.isTruncated && { NextMarker: encoder(call)(listing.last) }),
  })
}

function commonOf(call: S3Call, { contents, prefixes, isTruncated }: Listing): object {
  const { query } = call.request
  const encode = encoder(call)
  return {
    Name: call.bucket,
    Prefix: encode(query.get('prefix') ?? ''),
    ...(query.has('delimiter') && { Delimiter: encode(query.get('delimiter') ?? '') }),
    MaxKeys: maxKeysOf(call),
    ...(query.has('encoding-type') && { EncodingType: query.get('encoding-type') }),
    IsTruncated: isTruncated,
    Contents: contents,
    CommonPrefixes: [...prefixes].map((prefix) => ({ Prefix: encode(prefix) })),
  }
}

async function list(call: S3Call, after: string): Promise<Listing> {
  const { s3, bucket, request } = call
  const prefix = request.query.get('prefix') ?? ''
  const delimiter = request.query.get('delimiter') ?? ''
  const maxKeys = maxKeysOf(call)
  const encode = encoder(call)
  const listing: Listing = { contents: [], prefixes: new Set(), last: after, isTruncated: false }
  for await (const key of s3.keys({ bucket, prefix, after })) {
    const common = commonPrefixOf(key, prefix, delimiter)
    // A page that ended in a common prefix goes on after all of its keys.
    if (common !== undefined && (listing.prefixes.has(common) || after === common)) continue
    if (listing.contents.length + listing.prefixes.size >= maxKeys) {
      listing.isTruncated = maxKeys > 0
      break
    }
    if (common === undefined) {
      const object = await s3.head(bucket, key)
      if (!object) continue
      listing.contents.push({
        Key: encode(key),
        LastModified: new Date(object.modifiedMs).toISOString(),
        ETag: `"${object.etag}"`,
        Size: object.sizeBytes,
        StorageClass: 'STANDARD',
      })
    } else {
      listing.prefixes.add(common)
    }
    listing.last = common ?? key
  }
  return listing
}

function commonPrefixOf(key: string, prefix: string, delimiter: string): string | undefined {
  if (delimiter === '') return undefined
  const end = key.indexOf(delimiter, prefix.length)
  return end < 0 ? undefined : key.slice(0, end + delimiter.length)
}

function maxKeysOf({ request }: S3Call): number {
  return Math.min(1000, Number(request.query.get('max-keys') ?? 1000))
}

/** boto3 asks for URL encoding, since XML cannot hold every key. */
function encoder({ request }: S3Call): (text: string) => string {
  if (request.query.get('encoding-type') !== 'url') return (text) => text
  return (text) => encodeURIComponent(text).replaceAll('%2F', '/')
}
