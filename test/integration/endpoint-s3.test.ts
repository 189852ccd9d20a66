import { hash } from 'node:crypto'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { request } from 'node:http'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import {
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListBucketsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type PutObjectCommandInput,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type EndpointFixture, openFixture } from './endpoint-fixture.ts'

const Bucket = 'weir-test-state'
let fixture: EndpointFixture
let s3: S3Client

beforeEach(async () => {
  fixture = await openFixture()
  s3 = new S3Client({ ...fixture.client, forcePathStyle: true })
})

afterEach(async () => {
  s3.destroy()
  await fixture.remove()
})

type PutMore = Partial<PutObjectCommandInput>
const put = (Key: string, Body: string | Buffer, more: PutMore = {}) =>
  s3.send(new PutObjectCommand({ Bucket, Key, Body, ...more }))
const get = async (Key: string, more = {}) => {
  const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key, ...more }))
  return Body?.transformToString()
}
const statusOf = (sent: Promise<unknown>) =>
  sent.then(
    () => 200,
    (error) => error.$metadata.httpStatusCode,
  )
const md5 = (text: string) => `"${hash('md5', text)}"`

describe('objects', () => {
  it('are plain files at their key', async () => {
    await put('lanes/3/manifest.json', '{"version":1}')
    expect(readFileSync(join(fixture.dataDir, 'state/lanes/3/manifest.json'), 'utf8')).toBe('{"version":1}')
  })

  it('have their MD5 as ETag, also after a restart', async () => {
    const { ETag } = await put('a', 'hello')
    await fixture.restart()
    const head = await s3.send(new HeadObjectCommand({ Bucket, Key: 'a' }))
    expect([ETag, head.ETag]).toEqual([md5('hello'), md5('hello')])
    expect(head.ContentLength).toBe(5)
  })

  it('are answered with 304 when the reader has them', async () => {
    const { ETag } = await put('a', 'hello')
    expect(await statusOf(get('a', { IfNoneMatch: ETag }))).toBe(304)
    expect(await get('a', { IfNoneMatch: md5('other') })).toBe('hello')
  })

  it.each([
    ['bytes=1-3', 'ell'],
    ['bytes=3-', 'lo'],
    ['bytes=-2', 'lo'],
  ])('are read in part by %s', async (Range, part) => {
    await put('a', 'hello')
    expect(await get('a', { Range })).toBe(part)
  })

  it('of several megabytes come back as they were', async () => {
    const large = Buffer.alloc(3_000_000, 'weir')
    await put('large', large)
    const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key: 'large' }))
    expect(large.equals((await Body?.transformToByteArray()) ?? Buffer.alloc(0))).toBe(true)
  })

  it.each([
    '../../escape',
    'a/../../b',
    'dt=2026-11-21/hour=03/x',
    'a//b',
    'trailing/',
    'ümläut %2F&<>',
    '..',
  ])('keep the key %j inside their bucket', async (Key) => {
    await put(Key, 'x')
    const { Contents } = await s3.send(new ListObjectsV2Command({ Bucket }))
    expect(Contents?.map((one) => one.Key)).toEqual([Key])
    expect(await get(Key)).toBe('x')
    expect(readdirSync(fixture.dataDir)).not.toContain('escape')
  })

  it('are gone after a delete, and with the last one its folder', async () => {
    await put('x/y/z', '1')
    await put('w', '1')
    await s3.send(new DeleteObjectCommand({ Bucket, Key: 'x/y/z' }))
    await s3.send(
      new DeleteObjectsCommand({ Bucket, Delete: { Objects: [{ Key: 'w' }, { Key: 'never was' }] } }),
    )
    expect(await statusOf(get('x/y/z'))).toBe(404)
    expect(readdirSync(join(fixture.dataDir, 'state'))).toEqual([])
  })

  it('can be copied', async () => {
    await put('a', 'hello')
    await s3.send(new CopyObjectCommand({ Bucket, Key: 'b', CopySource: `${Bucket}/a` }))
    expect(await get('b')).toBe('hello')
  })
})

describe('conditional writes', () => {
  it('replace only the version named, and nothing that is not there', async () => {
    const { ETag } = await put('m', 'one', { IfNoneMatch: '*' })
    expect(await statusOf(put('m', 'again', { IfNoneMatch: '*' }))).toBe(412)
    expect(await statusOf(put('m', 'two', { IfMatch: ETag }))).toBe(200)
    expect(await statusOf(put('m', 'late', { IfMatch: ETag }))).toBe(412)
    expect(await statusOf(put('missing', 'x', { IfMatch: ETag }))).toBe(404)
    expect(await get('m')).toBe('two')
  })

  it('let exactly one of many concurrent writers of a version win', async () => {
    const { ETag } = await put('m', 'start')
    const writers = Array.from({ length: 20 }, (_, n) => statusOf(put('m', `writer ${n}`, { IfMatch: ETag })))
    const statuses = await Promise.all(writers)
    const winner = statuses.indexOf(200)
    expect(statuses.filter((status) => status === 200).length).toBe(1)
    expect(statuses.filter((status) => status === 412).length).toBe(19)
    expect(await get('m')).toBe(`writer ${winner}`)
  })

  it('make a new object once, whoever is first', async () => {
    const writers = Array.from({ length: 20 }, (_, n) => statusOf(put('new', `${n}`, { IfNoneMatch: '*' })))
    expect((await Promise.all(writers)).filter((status) => status === 200).length).toBe(1)
  })

  it('are judged by the content, after a restart too', async () => {
    const { ETag } = await put('m', 'one')
    await fixture.restart()
    expect(await statusOf(put('m', 'two', { IfMatch: md5('other') }))).toBe(412)
    expect(await statusOf(put('m', 'two', { IfMatch: ETag }))).toBe(200)
  })
})

describe('checksums', () => {
  it('in the trailer of a streamed body leave no trace in the object', async () => {
    const Body = Readable.from([Buffer.from('first '), Buffer.from('second')])
    await s3.send(
      new PutObjectCommand({ Bucket, Key: 'streamed', Body, ContentLength: 12, ChecksumAlgorithm: 'CRC32' }),
    )
    expect(await get('streamed')).toBe('first second')
  })

  it.each(['ChecksumCRC32', 'ChecksumSHA256', 'ContentMD5'])(
    'that are wrong (%s) refuse the object',
    async (name) => {
      const wrong = {
        ChecksumCRC32: 'AAAAAA==',
        ChecksumSHA256: hash('sha256', 'other', 'base64'),
        ContentMD5: hash('md5', 'other', 'base64'),
      }
      const sent = put('bad', 'hello', { [name]: wrong[name as keyof typeof wrong] })
      expect(await statusOf(sent)).toBe(400)
      expect(await statusOf(get('bad'))).toBe(404)
    },
  )
})

describe('listing', () => {
  const keys = ['a-b', 'a/1', 'a/2', 'a0', 'b/c/1', 'é', '～', '😀']

  beforeEach(async () => {
    for (const key of keys.toReversed()) await put(key, key)
  })

  it('goes by the order of UTF-8 bytes, page after page', async () => {
    const listed: (string | undefined)[] = []
    let ContinuationToken: string | undefined
    do {
      const page = await s3.send(new ListObjectsV2Command({ Bucket, MaxKeys: 3, ContinuationToken }))
      listed.push(...(page.Contents ?? []).map((one) => one.Key))
      ContinuationToken = page.NextContinuationToken
    } while (ContinuationToken)
    expect(listed).toEqual(keys)
  })

  it('rolls up what lies behind a delimiter, page after page', async () => {
    const first = await s3.send(new ListObjectsV2Command({ Bucket, Delimiter: '/', MaxKeys: 2 }))
    const ContinuationToken = first.NextContinuationToken
    const second = await s3.send(new ListObjectsV2Command({ Bucket, Delimiter: '/', ContinuationToken }))
    expect(first.CommonPrefixes).toEqual([{ Prefix: 'a/' }])
    expect(first.Contents?.map((one) => one.Key)).toEqual(['a-b'])
    expect(second.CommonPrefixes).toEqual([{ Prefix: 'b/' }])
    expect(second.Contents?.map((one) => one.Key)).toEqual(['a0', 'é', '～', '😀'])
  })

  it('is narrowed by a prefix that need not end at a slash', async () => {
    const { Contents } = await s3.send(new ListObjectsV2Command({ Bucket, Prefix: 'b/c' }))
    expect(Contents?.map((one) => one.Key)).toEqual(['b/c/1'])
  })
})

it('joins the parts of a multipart upload in their order', async () => {
  const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ Bucket, Key: 'big' }))
  const part = async (PartNumber: number, Body: string) => {
    const { ETag } = await s3.send(new UploadPartCommand({ Bucket, Key: 'big', UploadId, PartNumber, Body }))
    return { PartNumber, ETag }
  }
  const second = await part(2, 'world')
  const first = await part(1, 'hello ')
  await s3.send(
    new CompleteMultipartUploadCommand({
      Bucket,
      Key: 'big',
      UploadId,
      MultipartUpload: { Parts: [first, second] },
    }),
  )
  expect(await get('big')).toBe('hello world')
})

it('makes buckets, names them, and says when one is missing', async () => {
  await s3.send(new CreateBucketCommand({ Bucket: 'made-here' }))
  await fixture.restart()
  const { Buckets } = await s3.send(new ListBucketsCommand({}))
  expect(Buckets?.map((one) => one.Name)).toEqual(['made-here', 'weir-test-lake', 'weir-test-state'])
  expect(await statusOf(s3.send(new HeadBucketCommand({ Bucket: 'missing' })))).toBe(404)
  await expect(s3.send(new ListObjectsV2Command({ Bucket: 'missing' }))).rejects.toMatchObject({
    name: 'NoSuchBucket',
  })
})

it('takes the bucket from the host name, too', async () => {
  await put('a', 'hello')
  const { port } = fixture.endpoint
  const path = { host: '127.0.0.1', port, path: '/a', headers: { host: `${Bucket}.localhost:${port}` } }
  const [response] = await once(request(path).end(), 'response')
  expect(await text(response)).toBe('hello')
})
