import { S3Client } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createObjectStore } from '../../shared/aws/s3.ts'
import type { ObjectStore } from '../../shared/core/lane/ports.ts'
import { type EndpointFixture, openFixture } from './endpoint-fixture.ts'

let fixture: EndpointFixture
let client: S3Client
let store: ObjectStore

beforeAll(async () => {
  fixture = await openFixture()
  client = new S3Client({ ...fixture.client, forcePathStyle: true })
  store = createObjectStore('weir-test-state', client)
})

afterAll(async () => {
  client.destroy()
  await fixture.remove()
})

const bytes = (text: string): Uint8Array => Buffer.from(text)

describe('compareAndSet', () => {
  it('writes what is not there, once', async () => {
    expect(await store.compareAndSet('once', bytes('a'), null)).toEqual({ etag: expect.any(String) })
    expect(await store.compareAndSet('once', bytes('b'), null)).toBe('conflict')
    expect(await store.get('once')).toMatchObject({ bytes: Uint8Array.from(bytes('a')) })
  })

  it('replaces what still has the etag, and nothing else', async () => {
    const first = await store.compareAndSet('again', bytes('a'), null)
    const etag = first === 'conflict' ? '' : first.etag
    expect(await store.compareAndSet('again', bytes('b'), etag)).not.toBe('conflict')
    expect(await store.compareAndSet('again', bytes('c'), etag)).toBe('conflict')
    expect(await store.get('again')).toMatchObject({ bytes: Uint8Array.from(bytes('b')) })
  })

  it('is a fault when what should match is gone', async () => {
    await expect(store.compareAndSet('gone', bytes('a'), '"etag"')).rejects.toThrow()
  })

  it('is a conflict when another is writing just now', async () => {
    fixture.endpoint.faults.call = () => ({ code: 'ConditionalRequestConflict', status: 409 })
    expect(await store.compareAndSet('busy', bytes('a'), null)).toBe('conflict')
    fixture.endpoint.faults.call = undefined
  })
})

describe('get', () => {
  it('tells missing and unchanged from what has changed', async () => {
    const put = await store.compareAndSet('watched', bytes('a'), null)
    const etag = put === 'conflict' ? '' : put.etag
    expect(await store.get('watched', etag)).toBe('unchanged')
    expect(await store.get('never', etag)).toBe('missing')
    await store.put('watched', bytes('b'))
    expect(await store.get('watched', etag)).toMatchObject({ bytes: Uint8Array.from(bytes('b')) })
  })
})

it('lists and deletes more keys than one request takes', async () => {
  const keys = Array.from({ length: 1_005 }, (_, n) => `many/${String(n).padStart(5, '0')}`)
  await Promise.all(keys.map((key) => store.put(key, bytes('x'))))
  expect(await store.list('many/')).toEqual(keys)
  await store.delete(keys)
  expect(await store.list('many/')).toEqual([])
})
