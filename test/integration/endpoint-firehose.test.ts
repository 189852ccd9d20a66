import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { FirehoseClient, PutRecordBatchCommand, PutRecordCommand } from '@aws-sdk/client-firehose'
import { DuckDBInstance } from '@duckdb/node-api'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type EndpointFixture, openFixture } from './endpoint-fixture.ts'

const columns = [
  { Name: 'name', Type: 'string' },
  { Name: 'n', Type: 'bigint' },
  { Name: 'ratio', Type: 'double' },
  { Name: 'at', Type: 'timestamp' },
  { Name: 'is_bot', Type: 'boolean' },
  { Name: 'ids', Type: 'array<string>' },
]

const stream = (name: string, more = {}) => ({
  DeliveryStreamName: name,
  ExtendedS3DestinationConfiguration: {
    BucketARN: 'arn:aws:s3:::weir-test-lake',
    Prefix: `${name}/dt=!{timestamp:yyyy-MM-dd}/hour=!{timestamp:HH}/`,
    ErrorOutputPrefix: `errors/${name}/!{firehose:error-output-type}/!{timestamp:yyyy-MM-dd}/`,
    BufferingHints: { IntervalInSeconds: 60, SizeInMBs: 64 },
    ...more,
  },
})
const converted = { DataFormatConversionConfiguration: { Enabled: true } }
const gzipped = { CompressionFormat: 'UNCOMPRESSED', FileExtension: '.json.gz' }

let fixture: EndpointFixture
let firehose: FirehoseClient

function declare() {
  fixture.endpoint.firehose.declare(stream('events', converted), columns)
  fixture.endpoint.firehose.declare(stream('raw', gzipped))
}

beforeEach(async () => {
  fixture = await openFixture()
  firehose = new FirehoseClient(fixture.client)
  declare()
})

afterEach(async () => {
  firehose.destroy()
  await fixture.remove()
})

const put = (name: string, ...records: (string | Buffer)[]) =>
  firehose.send(
    new PutRecordBatchCommand({
      DeliveryStreamName: name,
      Records: records.map((record) => ({ Data: Buffer.from(record) })),
    }),
  )
const delivered = (pattern: string) => globSync(join(fixture.dataDir, 'lake', pattern)).sort()

async function rows(sql = '*'): Promise<unknown[]> {
  const database = await DuckDBInstance.create(':memory:')
  const connection = await database.connect()
  const glob = join(fixture.dataDir, 'lake/events/**/*.parquet')
  const reader = await connection.runAndReadAll(`SELECT ${sql} FROM read_parquet('${glob}') ORDER BY name`)
  connection.closeSync()
  database.closeSync()
  return reader.getRowObjectsJson()
}

function errors(): Record<string, string>[] {
  return delivered('errors/events/format-conversion-failed/*/*')
    .flatMap((file) => readFileSync(file, 'utf8').trim().split('\n'))
    .map((line) => JSON.parse(line))
}
const rawData = () => errors().map((error) => Buffer.from(error.rawData ?? '', 'base64').toString())

describe('conversion to Parquet', () => {
  it('gives every column its type and forgets keys that are no column', async () => {
    // 2^53 + 1, which a JavaScript number would round.
    const a =
      '{"name":"a","n":9007199254740993,"ratio":0.5,"at":"2026-11-21 03:04:05.678","is_bot":true,"ids":["x","y"]}'
    const b = '{"name":"b","n":"12","at":"2026-11-21T03:04:05.678Z","unknown":{"deep":[1]}}'
    const c = '{"name":{"nested":1},"n":null}'
    await put('events', `${a}\n${b}\n${c}\n`)
    await fixture.endpoint.firehose.flush()

    const none = { ratio: null, at: null, is_bot: null, ids: null }
    const at = '2026-11-21 03:04:05.678'
    expect(await rows("COLUMNS(c -> c NOT IN ('dt', 'hour'))")).toEqual([
      { name: 'a', n: '9007199254740993', ratio: 0.5, at, is_bot: true, ids: ['x', 'y'] },
      { ...none, name: 'b', n: '12', at },
      { ...none, name: '{"nested":1}', n: null },
    ])
    const types = await rows('name, typeof("at") AS at_type, typeof(n) AS n_type')
    expect(types[0]).toMatchObject({ at_type: 'TIMESTAMP', n_type: 'BIGINT' })
    expect(errors()).toEqual([])
  })

  it('reads milliseconds since 1970 as a timestamp, and does not guess the unit of other numbers', async () => {
    const ms = Date.UTC(2026, 10, 21, 3, 4, 5, 678)
    await put('events', `{"name":"ms","at":${ms}}\n{"name":"text","at":"2026-11-21 03:04:05.678"}\n`)
    await fixture.endpoint.firehose.flush()
    const at = '2026-11-21 03:04:05.678'
    expect(await rows('name, "at"')).toEqual([
      { name: 'ms', at },
      { name: 'text', at },
    ])
    expect(errors()).toEqual([])
    await put('events', `{"name":"seconds","at":${Math.floor(ms / 1000)}}\n`)
    await fixture.endpoint.firehose.flush()
    expect(rawData()).toEqual([`{"name":"seconds","at":${Math.floor(ms / 1000)}}`])
  })

  describe('with keys that are not the names of the columns', () => {
    const mapped = (mappings: Record<string, string>) => ({
      DataFormatConversionConfiguration: {
        Enabled: true,
        InputFormatConfiguration: {
          Deserializer: { OpenXJsonSerDe: { ColumnToJsonKeyMappings: mappings } },
        },
      },
    })
    const declareMapped = (mappings: Record<string, string>) => {
      const destination = stream('events', mapped(mappings))
      fixture.endpoint.firehose.declare({ ...destination, DeliveryStreamName: 'mapped' }, columns)
    }

    it('reads a mapped column from its key alone, and the others from their names', async () => {
      declareMapped({ name: 'a', n: 'X', ids: 'i' })
      await put(
        'mapped',
        '{"a":"short","x":1,"i":["y"],"ratio":0.5}\n{"name":"long","n":2,"ids":["z"],"ratio":1.5}\n',
      )
      await fixture.endpoint.firehose.flush()
      expect(await rows('name, n, ids, ratio, is_bot')).toEqual([
        { name: 'short', n: '1', ids: ['y'], ratio: 0.5, is_bot: null },
        { name: null, n: null, ids: null, ratio: 1.5, is_bot: null },
      ])
      expect(errors()).toEqual([])
    })

    it('makes a row of nothing of a document that has no key of any column', async () => {
      declareMapped({ name: 'a' })
      await put('mapped', '{"name":"long"}\n')
      await fixture.endpoint.firehose.flush()
      expect(await rows('name, n')).toEqual([{ name: null, n: null }])
    })

    it('says which column a value does not fit, not which key', async () => {
      declareMapped({ n: 'k' })
      await put('mapped', '{"name":"good","k":1}\n{"name":"bad","k":"x"}\n')
      await fixture.endpoint.firehose.flush()
      expect(await rows('name, n')).toEqual([{ name: 'good', n: '1' }])
      expect(errors()[0]).toMatchObject({ lastErrorMessage: expect.stringContaining('column n ') })
    })

    it.each([
      ['a column that the table does not have', { colour: 'c' }, 'colour'],
      ['two columns to one key', { name: 'k', n: 'k' }, 'the key k'],
      ['two columns to keys that are one in small letters', { name: 'k', n: 'K' }, 'the key k'],
      ['a column to the name of another', { name: 'n' }, 'the key n'],
    ])('refuses to map %s', (_, mappings: Record<string, string>, message) => {
      expect(() => declareMapped(mappings)).toThrow(message)
    })
  })

  it('puts documents that do not parse or do not fit under the error prefix, and none of the good ones', async () => {
    const bad = [
      'not json',
      '{"name":"cut',
      '[1]',
      '12',
      '{"n":1.5}',
      '{"n":"x"}',
      '{"n":99999999999999999999}',
    ]
    const worse = ['{"at":"yesterday"}', '{"is_bot":"yes"}', '{"ids":"x"}', '{"name":"\\ud800"}']
    await put('events', '{"name":"first"}\n', ...bad, ...worse, '{"name":"last"}\n')
    await fixture.endpoint.firehose.flush()

    expect((await rows('name')).length).toBe(2)
    expect(rawData().toSorted()).toEqual([...bad, ...worse].toSorted())
    expect(errors()[0]).toMatchObject({ attemptsMade: 1, lastErrorCode: 'DataFormatConversion.ParseError' })
  })

  it('keeps good lines beside bad ones within a record', async () => {
    await put('events', '{"name":"a"}\n{"name":}\n{"name":"b"}\n')
    await fixture.endpoint.firehose.flush()
    expect(await rows('name')).toEqual([{ name: 'a' }, { name: 'b' }])
    expect(rawData()).toEqual(['{"name":}'])
  })

  it('reads documents set end to end, or spread over lines', async () => {
    await put('events', '{"name":"a}{"}{"name":"b"}', '{\n  "name": "c"\n}\n', '{"name":"d"}')
    await fixture.endpoint.firehose.flush()
    expect(await rows('name')).toEqual([{ name: 'a}{' }, { name: 'b' }, { name: 'c' }, { name: 'd' }])
  })

  it('puts bytes that are no text under the error prefix as they are', async () => {
    const bytes = Buffer.from([0xff, 0xfe, 0x00, 0x01])
    await put('events', bytes, '{"name":"a"}')
    await fixture.endpoint.firehose.flush()
    expect(await rows('name')).toEqual([{ name: 'a' }])
    expect(errors().map((error) => error.rawData)).toEqual([bytes.toString('base64')])
  })

  it('writes no Parquet file when nothing is good', async () => {
    await put('events', 'nothing good')
    await fixture.endpoint.firehose.flush()
    expect(delivered('events/**/*.parquet')).toEqual([])
    expect(rawData()).toEqual(['nothing good'])
  })

  it('reads a document of nearly 1,000 KiB', async () => {
    await put('events', `{"name":"${'x'.repeat(1_000_000)}"}`)
    await fixture.endpoint.firehose.flush()
    expect(await rows('length(name) AS name')).toEqual([{ name: '1000000' }])
  })
})

it('makes several objects of a large buffer and loses none of it', async () => {
  const names = Array.from({ length: 12 }, (_, n) => String(n).padStart(900_000, '0'))
  for (let at = 0; at < 12; at += 4)
    await put('events', ...names.slice(at, at + 4).map((name) => `{"name":"${name}"}\n`))
  await fixture.endpoint.firehose.flush()
  expect(delivered('events/**/*.parquet').length).toBe(2)
  expect(await rows('name[-2:] AS name')).toEqual(names.map((name) => ({ name: name.slice(-2) })))
})

describe('delivery', () => {
  it('sets gzipped records one after another under the name and prefix of Firehose', async () => {
    await put('raw', gzipSync('a\n'), gzipSync('b\n'))
    await fixture.endpoint.firehose.flush()

    const [file = ''] = delivered('raw/**/*.json.gz')
    expect(gunzipSync(readFileSync(file)).toString()).toBe('a\nb\n')
    const hour = new Date().toISOString().slice(0, 13).split('T')
    expect(file).toContain(`lake/raw/dt=${hour[0]}/hour=${hour[1]}/raw-1-${hour.join('-')}-`)
  })

  it('comes by itself after the interval', async () => {
    fixture.endpoint.firehose.declare(
      stream('timed', { BufferingHints: { IntervalInSeconds: 0.05, SizeInMBs: 5 } }),
    )
    await put('timed', 'x')
    await vi.waitUntil(() => delivered('timed/**/timed-*').length === 1)
  })

  it('comes by itself when the buffer is full', async () => {
    fixture.endpoint.firehose.declare(
      stream('sized', { BufferingHints: { IntervalInSeconds: 900, SizeInMBs: 1 } }),
    )
    await put('sized', Buffer.alloc(600_000), Buffer.alloc(600_000))
    await vi.waitUntil(() => delivered('sized/**/sized-*').length === 1)
  })

  it('keeps the buffer when S3 fails, and brings it later', async () => {
    const complain = vi.spyOn(console, 'error').mockImplementation(() => {})
    fixture.endpoint.firehose.declare({
      DeliveryStreamName: 'lost',
      ExtendedS3DestinationConfiguration: {
        BucketARN: 'arn:aws:s3:::not-yet',
        Prefix: 'x/!{timestamp:yyyy}/',
      },
    })
    await put('lost', 'kept')
    await expect(fixture.endpoint.firehose.flush()).rejects.toMatchObject({ code: 'NoSuchBucket' })
    fixture.endpoint.s3.createBucket('not-yet', 'lake')
    await fixture.endpoint.firehose.flush()
    expect(delivered('x/**/lost-*').map((file) => readFileSync(file, 'utf8'))).toEqual(['kept'])
    complain.mockRestore()
  })
})

describe('limits', () => {
  const taken = (...records: Buffer[]) =>
    put('raw', ...records).then(
      () => 'taken',
      (error: Error) => error.name,
    )

  it('are 500 records, 1,000 KiB a record and 4 MiB a request', async () => {
    expect(await taken(...Array.from({ length: 500 }, () => Buffer.from('x')))).toBe('taken')
    expect(await taken(...Array.from({ length: 501 }, () => Buffer.from('x')))).toBe('ValidationException')
    expect(await taken(Buffer.alloc(1_024_000))).toBe('taken')
    expect(await taken(Buffer.alloc(1_024_001))).toBe('ValidationException')
    const fourMiB = Array.from({ length: 8 }, () => Buffer.alloc(512 * 1024))
    expect(await taken(...fourMiB)).toBe('taken')
    expect(await taken(...fourMiB, Buffer.alloc(1))).toBe('InvalidArgumentException')
  })

  it('and faults refuse chosen records inside a 200', async () => {
    fixture.endpoint.faults.entry = ({ index }) =>
      index === 0 ? { code: 'ServiceUnavailableException' } : undefined
    const output = await put('raw', 'refused', 'taken')
    await fixture.endpoint.firehose.flush()
    expect(output.FailedPutCount).toBe(1)
    expect(output.RequestResponses?.map((one) => one.ErrorCode)).toEqual([
      'ServiceUnavailableException',
      undefined,
    ])
    expect(delivered('raw/**/raw-*').map((file) => readFileSync(file, 'utf8'))).toEqual(['taken'])
  })

  it('name the delivery stream that does not exist', async () => {
    const sent = firehose.send(
      new PutRecordCommand({ DeliveryStreamName: 'nowhere', Record: { Data: Buffer.from('x') } }),
    )
    await expect(sent).rejects.toMatchObject({ name: 'ResourceNotFoundException', message: /nowhere/ })
  })
})
