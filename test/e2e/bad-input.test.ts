import { KinesisClient, PutRecordsCommand } from '@aws-sdk/client-kinesis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { badInputs, type Given, goodInputs, oddInputs } from '../support/bad-inputs.ts'
import { type RunningProject, startProject } from '../support/running-project.ts'

type Row = Record<string, unknown>

let project: RunningProject
/** Rows of bad_events, each reason as `code path`, and of events_once, by origin. */
let bad: Map<unknown, Row>
let events: Map<unknown, Row>
/** What the collector answered, and how many events it took. */
const statuses = new Map<string, number>()
/** Origins of what was put into the stream, by title. */
const origins = new Map<string, string>()

const given: readonly Given[] = [...badInputs, ...oddInputs, ...goodInputs]
const inBatches = given.flatMap(({ json }) => json ?? [])
const [firstGood, lastGood] = goodInputs

beforeAll(async () => {
  project = await startProject()
  await putAll()
  await postAll()
  const flushed = await project.run('send', '--flush')
  expect(flushed).toMatchObject({ code: 0, stderr: '' })
  const byOrigin = async (sql: string) => new Map((await project.rows(sql)).map((row) => [row.origin, row]))
  bad = await byOrigin('SELECT * FROM bad_events')
  events = await byOrigin('SELECT * FROM events_once')
}, 90_000)
afterAll(() => project?.stop(), 60_000)

/** All into one shard, the bad ones between two good ones: whatever blocks the shard keeps the last one from coming. */
async function putAll(): Promise<void> {
  const client = new KinesisClient({
    endpoint: project.stack.awsUrl,
    region: 'us-east-1',
    credentials: { accessKeyId: 'any', secretAccessKey: 'any' },
  })
  const inOrder = [firstGood, ...badInputs, ...oddInputs, lastGood].filter((one) => one !== undefined)
  const Records = inOrder.map(({ bytes }) => ({ Data: bytes, PartitionKey: 'one shard' }))
  const answer = await client.send(new PutRecordsCommand({ StreamName: 'weir-local-raw', Records }))
  client.destroy()
  for (const [index, record] of (answer.Records ?? []).entries())
    origins.set(inOrder[index]?.title ?? '', `${record.ShardId}:${record.SequenceNumber}:0`)
}

/** The same to the collector, as whole bodies, and once as events of a batch. */
async function postAll(): Promise<void> {
  const post = async (title: string, body: Buffer | string, key = 'local') => {
    const authorization = `Basic ${Buffer.from(`${key}:`).toString('base64')}`
    const headers = { authorization, 'content-type': 'application/json' }
    const response = await fetch(`${project.stack.url}/v1/batch`, { method: 'POST', headers, body })
    statuses.set(title, response.status)
  }
  for (const { title, bytes } of badInputs) await post(title, bytes)
  await post('unknown key', '{"batch":[{"type":"page"}]}', 'stranger')
  // A body may have 500 KB: the largest goes alone.
  const [largest, ...others] = inBatches.toSorted((a, b) => b.length - a.length)
  await post('a batch of them', `{"batch":[${others.join(',')},17,null,"text"]}`)
  await post('a batch of the largest', `{"batch":[${largest}]}`)
}

const reasonsOf = (row: Row | undefined): string[] => {
  const reasons: { code: string; path: string }[] = JSON.parse(String(row?.reasons ?? '[]'))
  return reasons.map(({ code, path }) => `${code} ${path}`.trim())
}

describe('bad input in the stream', () => {
  it.each(badInputs)(
    '$title becomes a bad row with all its reasons, kept whole',
    ({ title, bytes, reasons }) => {
      const row = bad.get(origins.get(title))
      expect(reasonsOf(row)).toEqual(reasons)
      expect(row?.reason).toBe(reasons[0]?.split(' ')[0])
      expect(row?.payload_bytes).toBe(bytes.length)
      const isKeptInRow = row?.payload_key === null
      if (isKeptInRow) {
        const encoding = row?.payload_encoding === 'base64' ? 'base64' : 'utf8'
        expect(Buffer.from(String(row?.payload), encoding).equals(bytes)).toBe(true)
      }
      expect(events.has(origins.get(title))).toBe(false)
    },
  )

  it.each(oddInputs)('$title becomes an event with the odd value cleaned', ({ title, row }) => {
    const origin = origins.get(title)
    const event = events.get(origin)
    expect(event).toMatchObject(row({ origin: origin ?? '', receivedAt: event?.received_at }))
    expect(bad.has(origin)).toBe(false)
  })

  it('keeps no event behind it from coming, and no batch from being done', () => {
    expect(events.get(origins.get(firstGood?.title ?? ''))).toMatchObject({ event: 'Page Viewed' })
    expect(events.get(origins.get(lastGood?.title ?? ''))).toMatchObject({ event: 'Page Viewed' })
    expect(project.stack.isCaughtUp()).toBe(true)
    expect(project.troubles).toEqual([])
  })
})

describe('bad input at the collector', () => {
  it('is refused with what is wrong when it is no batch at all', () => {
    expect(Object.fromEntries(badInputs.map(({ title }) => [title, statuses.get(title)]))).toEqual(
      Object.fromEntries(badInputs.map(({ title, status }) => [title, status])),
    )
    expect(statuses.get('unknown key')).toBe(401)
  })

  it('is judged event by event within a batch: each is accepted, a duplicate or a bad row', async () => {
    expect([statuses.get('a batch of them'), statuses.get('a batch of the largest')]).toEqual([200, 200])
    const inStream = new Set(origins.values())
    const collected = [...bad.values()].filter(({ origin }) => !inStream.has(String(origin)))
    const expected = badInputs.filter(({ json }) => json !== undefined).map(({ reasons }) => reasons)
    const notObjects = [['not_an_object'], ['not_an_object'], ['not_an_object']]
    expect(collected.map(reasonsOf).sort()).toEqual([...expected, ...notObjects].sort())
  })
})

it('adds up: all that was sent is accepted, quarantined or duplicate', async () => {
  const { code, stdout } = await project.run('reconcile', '--json')
  const account = JSON.parse(stdout)
  expect(code).toBe(0)
  expect(account.isRight).toBe(true)
  const windows = await project.metric('account', 'grain=1h&by=')
  const received = windows.flatMap(({ cells }) => cells).reduce((sum, { value }) => sum + value, 0)
  expect(received).toBe(given.length + inBatches.length + 3)
}, 60_000)
