import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { S3Client } from '@aws-sdk/client-s3'
import { beforeAll, describe, expect, it } from 'vitest'
import type { Call } from '../../local/aws/call.ts'
import { createObjectStore } from '../../shared/aws/s3.ts'
import { emptyManifest, manifestKey, segmentKey } from '../../shared/core/lane/manifest.ts'
import { emptyDelta, encodeSegment } from '../../shared/core/lane/segment.ts'
import { FilledStage } from '../support/compaction/filled-stage.ts'
import { workload } from '../support/compaction/workload.ts'
import { iamAction } from '../support/iam-action.ts'
import { type Packaged, packaged } from '../support/packaged.ts'
import { type FunctionName, functionNames, roleActions } from '../support/role-actions.ts'
import { permitsOf } from '../support/role-permissions.ts'
import { sampleEvents } from '../support/sample-events.ts'
import { openSampleRunner, type SampleRunner } from '../support/sample-runner.ts'
import { hoursKept, keepADay, publishClock } from '../support/stream-retention.ts'

const eventsFolder = join(import.meta.dirname, '../../events')
const sample = (path: string): unknown => JSON.parse(readFileSync(join(eventsFolder, `${path}.json`), 'utf8'))

type Scenario = (runner: SampleRunner) => Promise<Call[]>

const whole = { batchItemFailures: [] }

const testersClient = ({ endpoint }: SampleRunner) =>
  new S3Client({
    endpoint: `http://127.0.0.1:${endpoint.port}`,
    region: 'us-east-1',
    credentials: { accessKeyId: 'tester', secretAccessKey: 'any' },
    forcePathStyle: true,
  })

/** A lane of which a segment is dead: the next commit no longer names it, and deletes it. */
const deadSegmentIsDropped: Scenario = async (runner) => {
  const { bytes, contentHash } = encodeSegment(emptyDelta())
  const key = segmentKey(0, 5, contentHash)
  const dead = { key, to: 5, level: 0, bytes: bytes.length, liveUntil: 0, lastMinute: 0 }
  const client = testersClient(runner)
  const state = createObjectStore('weir-local-state', client)
  try {
    const manifest = { ...emptyManifest(0, 8), version: 5, clock: 1, firstMinute: 1, segments: [dead] }
    await state.put(manifestKey(0), Buffer.from(JSON.stringify(manifest)))
    await state.put(key, bytes)
    const { calls, result } = await runner.run(sample('aggregate/good-pack'))
    expect(result).toEqual(whole)
    expect(await state.get(key)).toBe('missing')
    expect(calls.map(iamAction)).toContain('s3:DeleteObject')
    return calls
  } finally {
    client.destroy()
  }
}

/** A lane about to commit the version at which it looks for segments that no manifest names. */
const orphansAreSwept: Scenario = async (runner) => {
  const orphan = segmentKey(0, 3, 'feed')
  const client = testersClient(runner)
  const state = createObjectStore('weir-local-state', client)
  try {
    await state.put(manifestKey(0), Buffer.from(JSON.stringify({ ...emptyManifest(0, 8), version: 511 })))
    await state.put(orphan, Buffer.from('orphan'))
    const { calls, result } = await runner.run(sample('aggregate/good-pack'))
    expect(result).toEqual(whole)
    expect(await state.get(orphan)).toBe('missing')
    return calls
  } finally {
    client.destroy()
  }
}

/** A lake of two days, in which some events came late, so that panes are corrected too. */
const daysAreCompacted: Scenario = async (runner) => {
  const dayMs = 86_400_000
  const startMs = Math.floor(Date.now() / dayMs) * dayMs - 3 * dayMs
  const shape = { visitors: 3, eventsPerVisitorDay: 4, disordered: 0, veryLate: 0.3 }
  const stage = new FilledStage(runner.endpoint)
  await stage.arrive(workload({ ...shape, seed: 1, startMs, days: 2 }), Date.now())
  stage.leave()
  const { calls, result } = await runner.run({})
  expect(result).toMatchObject({ outcome: 'committed', difference: expect.any(Number) })
  expect(Object(result).difference).toBeGreaterThan(0)
  return calls
}

/** What an attempt left that died before it was chosen. */
const deadAttemptIsSwept: Scenario = async (runner) => {
  const client = testersClient(runner)
  const lake = createObjectStore('weir-local-lake', client)
  const left = 'reports/report_store_availability/run=2026-11-21T0200Z.dead/0.parquet'
  try {
    await lake.put(left, Buffer.from('left'))
    const { calls } = await runner.run(sample('report/good-table'))
    expect(await lake.get(left)).toBe('missing')
    return calls
  } finally {
    client.destroy()
  }
}

const lanesAreBehind: Scenario = async (runner) => {
  keepADay(runner.endpoint)
  await publishClock(runner.endpoint, Date.now() - 2 * 3_600_000)
  const { calls } = await runner.run(sample('tick/good-schedule'))
  expect(hoursKept(runner.endpoint)).toEqual([168, 168])
  return calls
}

/** What the samples do not make a function call. */
const scenarios: Partial<Record<FunctionName, readonly Scenario[]>> = {
  aggregate: [deadSegmentIsDropped, orphansAreSwept],
  compact: [daysAreCompacted],
  report: [deadAttemptIsSwept],
  tick: [lanesAreBehind],
}

const samplesOf = (name: FunctionName): Scenario[] =>
  Object.keys(sampleEvents)
    .filter((path) => path.startsWith(`${name}/`))
    .map((path) => async (runner) => (await runner.run(sample(path))).calls)

describe('the role of a function', () => {
  let local: Packaged
  beforeAll(async () => {
    local = await packaged('local')
  }, 60_000)

  it.each(functionNames)(
    'allows %s what it calls, and nothing else',
    async (name) => {
      const called = new Set<string>()
      const permits = permitsOf(local.template, name)
      for (const scenario of [...samplesOf(name), ...(scenarios[name] ?? [])]) {
        const runner = await openSampleRunner(name)
        try {
          for (const call of await scenario(runner)) {
            expect(call.principal).toBe(name)
            expect(permits(call), `${call.service}:${call.action} on ${call.resource}`).toBe(true)
            called.add(iamAction(call))
          }
        } finally {
          await runner.close()
        }
      }
      expect([...called].toSorted()).toEqual(roleActions[name].called.toSorted())
    },
    60_000,
  )
})
