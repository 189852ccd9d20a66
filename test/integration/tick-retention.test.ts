import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { openSampleRunner, type SampleRunner } from '../support/sample-runner.ts'
import { hoursKept, keepADay, publishClock } from '../support/stream-retention.ts'

const hourMs = 3_600_000

let runner: SampleRunner
let written: string

beforeEach(async () => {
  written = ''
  for (const stream of [process.stdout, process.stderr])
    vi.spyOn(stream, 'write').mockImplementation((text) => {
      written += String(text)
      return true
    })
  runner = await openSampleRunner('tick', {
    RETENTION_HOURS: '24',
    POWERTOOLS_LOG_LEVEL: 'INFO',
    POWERTOOLS_METRICS_DISABLED: 'false',
  })
  keepADay(runner.endpoint)
})

afterEach(async () => {
  await runner.close()
  vi.restoreAllMocks()
})

/** What the function wrote to its log, as objects: lines of the log and metrics alike. */
const tick = async () => {
  written = ''
  const { calls } = await runner.run({})
  const lines: Record<string, unknown>[] = written
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line))
  return {
    actions: calls.map(({ action }) => action),
    warnings: lines.filter(({ level }) => level === 'WARN'),
    ticked: lines.filter(({ message }) => message === 'ticked'),
    metrics: Object.assign({}, ...lines.filter((line) => '_aws' in line)),
  }
}

describe('tick', () => {
  it('has both streams keep a week when a lane is behind, says so once, and counts them while it lasts', async () => {
    await publishClock(runner.endpoint, Date.now() - 2 * hourMs)
    const first = await tick()
    expect(hoursKept(runner.endpoint)).toEqual([168, 168])
    expect(first.warnings).toMatchObject([
      {
        message: expect.stringContaining('docs/runbook.md, The streams keep records for longer'),
        extended: ['weir-local-raw', 'weir-local-lanes'],
        lagMs: expect.any(Number),
      },
    ])
    const second = await tick()
    expect(second.actions).not.toContain('IncreaseStreamRetentionPeriod')
    expect(second.warnings).toEqual([])
    for (const { metrics, ticked } of [first, second]) {
      expect(metrics).toMatchObject({ service: 'tick', RetentionExtended: 2 })
      expect(ticked).toMatchObject([{ punctuations: 2 }])
    }
  })

  it('leaves it so when the lane has caught up, and goes on counting', async () => {
    await publishClock(runner.endpoint, Date.now() - 2 * hourMs)
    await tick()
    await publishClock(runner.endpoint, Date.now(), 2)
    const { metrics, actions } = await tick()
    expect(hoursKept(runner.endpoint)).toEqual([168, 168])
    expect(actions.filter((action) => action.includes('RetentionPeriod'))).toEqual([])
    expect(metrics).toMatchObject({ RetentionExtended: 2 })
  })

  it.each<[string, (() => Promise<void>) | undefined]>([
    ['in a stage whose lanes have not published', undefined],
    ['while a lane has no clock', () => publishClock(runner.endpoint, undefined)],
    ['while the lane keeps up', () => publishClock(runner.endpoint, Date.now() - hourMs / 4)],
  ])('extends nothing %s', async (_, given) => {
    await given?.()
    const { warnings, metrics, ticked } = await tick()
    expect(hoursKept(runner.endpoint)).toEqual([24, 24])
    expect(warnings).toEqual([])
    expect(ticked).toMatchObject([{ punctuations: 2 }])
    expect(metrics).not.toHaveProperty('RetentionExtended')
  })

  it('puts its punctuations first: clocks go on though nothing can be known of the lanes', async () => {
    const actions: string[] = []
    const stop = runner.endpoint.onCall(({ action }) => actions.push(action))
    runner.endpoint.faults.answer = ({ service }) =>
      service === 'dynamodb' ? { code: 'AccessDeniedException', status: 400 } : undefined
    await expect(runner.run({})).rejects.toMatchObject({ name: 'AccessDeniedException' })
    stop()
    expect(actions.indexOf('PutRecords')).toBeGreaterThanOrEqual(0)
    expect(actions.indexOf('PutRecords')).toBeLessThan(actions.indexOf('Query'))
  })
})
