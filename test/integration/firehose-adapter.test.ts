import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { FirehoseClient } from '@aws-sdk/client-firehose'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { EntryAbout } from '../../local/aws/call.ts'
import { createDeliveryStream, createLake } from '../../shared/aws/firehose.ts'
import { type EndpointFixture, openFixture } from './endpoint-fixture.ts'

const names = { events: 'weir-test-events', sessions: 'weir-test-sessions', bad: 'weir-test-bad' }

let fixture: EndpointFixture
let client: FirehoseClient

beforeEach(async () => {
  fixture = await openFixture()
  client = new FirehoseClient(fixture.client)
  for (const name of Object.values(names))
    fixture.endpoint.firehose.declare({
      DeliveryStreamName: name,
      ExtendedS3DestinationConfiguration: {
        BucketARN: 'arn:aws:s3:::weir-test-lake',
        Prefix: `${name}/!{timestamp:yyyy}/`,
        BufferingHints: { IntervalInSeconds: 900, SizeInMBs: 128 },
      },
    })
})
afterEach(async () => {
  client.destroy()
  await fixture.remove()
})

/** What the stream has taken, in its order. */
async function delivered(name: string): Promise<Buffer> {
  await fixture.endpoint.firehose.flush()
  const files = globSync(join(fixture.dataDir, 'lake', name, '**/*'), { withFileTypes: true })
  return Buffer.concat(
    files
      .filter((file) => file.isFile())
      .map((file) => join(file.parentPath, file.name))
      .toSorted()
      .map((path) => readFileSync(path)),
  )
}

/** Counts requests and the entries in them. */
function listen(refuse: (entry: EntryAbout) => boolean = () => false) {
  const heard = { requests: 0, offered: [] as string[] }
  fixture.endpoint.onCall(({ action }) => {
    if (action === 'PutRecordBatch') heard.requests++
  })
  fixture.endpoint.faults.entry = (entry) => {
    heard.offered.push(String(entry.data.subarray(0, 10)))
    return refuse(entry) ? { code: 'ServiceUnavailableException' } : undefined
  }
  return heard
}

describe('createDeliveryStream', () => {
  it('sends again what was refused inside a 200, and only that', async () => {
    const refusals = new Map([
      ['b', 2],
      ['d', 1],
    ])
    const heard = listen(({ data }) => {
      const left = refusals.get(String(data)) ?? 0
      refusals.set(String(data), left - 1)
      return left > 0
    })
    await createDeliveryStream(names.events, client).send(
      ['a', 'b', 'c', 'd'].map((text) => Buffer.from(text)),
    )
    expect(heard.offered.join('')).toBe('abcdbdb')
    expect(String(await delivered(names.events))).toBe('acdb')
  })

  it('splits at 500 records and at 4 MiB', async () => {
    const heard = listen()
    const stream = createDeliveryStream(names.events, client)
    await stream.send(Array.from({ length: 500 }, () => Buffer.from('x')))
    expect(heard.requests).toBe(1)
    await stream.send(Array.from({ length: 501 }, () => Buffer.from('x')))
    expect(heard.requests).toBe(3)
    await stream.send(Array.from({ length: 8 }, () => Buffer.alloc(512 * 1024)))
    expect(heard.requests).toBe(4)
    await stream.send([...Array.from({ length: 8 }, () => Buffer.alloc(512 * 1024)), Buffer.from('x')])
    expect(heard.requests).toBe(6)
    expect(await delivered(names.events)).toHaveLength(1_001 + 8 * 1024 * 1024 + 1)
  })

  it('asks nothing for no records', async () => {
    const heard = listen()
    await createDeliveryStream(names.events, client).send([])
    expect(heard.requests).toBe(0)
  })

  it('passes on that there is no such stream', async () => {
    await expect(createDeliveryStream('nowhere', client).send([Buffer.from('x')])).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    })
  })
})

describe('createLake', () => {
  it('brings rows of Parquet tables as lines of JSON, bad rows gzipped, each to its stream', async () => {
    vi.stubEnv('AWS_ENDPOINT_URL', fixture.client.endpoint)
    vi.stubEnv('AWS_REGION', 'us-east-1')
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'tester')
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'any')
    try {
      await createLake(names).send({
        events: [Buffer.from('{"e":1}'), Buffer.from('{"e":2}')],
        sessions: [Buffer.from('{"s":1}')],
        bad: [Buffer.from('{"b":1}')],
      })
    } finally {
      vi.unstubAllEnvs()
    }
    expect(String(await delivered(names.events))).toBe('{"e":1}\n{"e":2}\n')
    expect(String(await delivered(names.sessions))).toBe('{"s":1}\n')
    expect(gunzipSync(await delivered(names.bad)).toString()).toBe('{"b":1}\n')
  })
})
