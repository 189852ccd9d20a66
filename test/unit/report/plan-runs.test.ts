import { beforeEach, describe, expect, it } from 'vitest'
import { patienceMs } from '../../../shared/core/report/arrived.ts'
import { csv, defineReport, every } from '../../../shared/core/report/definitions.ts'
import { runText } from '../../../shared/core/report/ledger.ts'
import { mostCaughtUp, mostUnderWayMs, planRuns } from '../../../shared/core/report/plan-runs.ts'
import { ReportWorld } from '../../support/report-world.ts'

const noon = Date.UTC(2026, 10, 21, 12)
const minuteMs = 60_000
const report = (name: string) =>
  defineReport({ name, query: 'top-pages', schedule: every('15m'), delay: '0m', target: csv(name) })

let world: ReportWorld
beforeEach(() => {
  world = new ReportWorld()
})
/** With every lane at the time of day, rows in the lake as soon as they are sent, and no run that takes long, unless told otherwise. */
const plan = (
  nowMs: number,
  { names = ['pages'], clocks = [nowMs], settleMs = 0, hanging = [] }: Partial<Setting> = {},
) => {
  world.finish(hanging)
  world.lanes = clocks.map((clock) => ({ lanes: clocks.length, ...(clock !== undefined && { clock }) }))
  return planRuns(names.map(report), { nowMs, settleMs }, world.ports)
}
type Setting = { names: string[]; clocks: (number | undefined)[]; settleMs: number; hanging: string[] }
const nothing = { sent: 0, incomplete: 0, skipped: 0, errors: [] }
const isCompleteOf = () =>
  [...world.runs.values()].map(({ at, isComplete }) => [runText(at).slice(11), isComplete])

describe('planning', () => {
  it('records a run, sends it, and records that it is sent', async () => {
    await plan(noon)
    expect(world.effects).toEqual([
      'lanes',
      'recent',
      'add pages 2026-11-21T1200Z',
      'send pages 2026-11-21T1200Z',
      'queued pages 2026-11-21T1200Z',
    ])
  })

  it('does nothing until the next is due', async () => {
    await plan(noon)
    expect(await plan(noon + 14 * minuteMs)).toEqual(nothing)
    expect(await plan(noon + 15 * minuteMs)).toEqual({ ...nothing, sent: 1 })
  })

  it('catches up with a day of quarter hours, and says what it gave up', async () => {
    await plan(noon)
    const threeDays = 3 * mostCaughtUp
    const later = noon + threeDays * 15 * minuteMs
    expect(await plan(later)).toEqual({ ...nothing, sent: 1, skipped: threeDays - mostCaughtUp })
    // One after another, with a minute or less between them.
    for (let left = mostCaughtUp - 1; left > 0; left--)
      expect(await plan(later)).toEqual({ ...nothing, sent: 1 })
    expect(await plan(later)).toEqual(nothing)
    expect(world.queue).toEqual([...new Set(world.queue)].toSorted())
    expect(world.queue).toHaveLength(mostCaughtUp + 1)
  })

  it.each(['add', 'send', 'queued'])(
    'leaves out no run when "%s" fails or its answer is lost',
    async (effect) => {
      await plan(noon)
      for (const when of ['beforeCall', 'afterCall'] as const) {
        world[when] = (called) => {
          if (called.startsWith(effect)) throw new Error('no answer')
        }
        expect((await plan(noon + 45 * minuteMs)).errors).toHaveLength(1)
        world[when] = () => {}
      }
      for (const _ of ['1215', '1230', '1245']) expect((await plan(noon + 45 * minuteMs)).errors).toEqual([])
      expect(new Set(world.queue)).toEqual(
        new Set(['1200', '1215', '1230', '1245'].map((time) => `pages 2026-11-21T${time}Z`)),
      )
      world.finish()
      expect([...world.runs.values()].map(({ status }) => status)).toEqual(Array(4).fill('done'))
    },
  )

  it('goes on with the other reports when one fails', async () => {
    world.beforeCall = (effect) => {
      if (effect.startsWith('add broken')) throw new Error('no answer')
    }
    const planned = await plan(noon, { names: ['broken', 'pages'] })
    expect(planned).toMatchObject({ sent: 1, errors: [new Error('no answer')] })
    expect(world.queue).toEqual(['pages 2026-11-21T1200Z'])
  })
})

describe('a run whose quarter hour is not all there', () => {
  const quarterMs = 15 * minuteMs

  it('waits for the slowest lane', async () => {
    await plan(noon)
    const at = noon + 40 * minuteMs
    expect(await plan(at, { clocks: [at, noon + quarterMs - 1] })).toEqual(nothing)
    expect(await plan(at, { clocks: [at, noon + quarterMs] })).toEqual({ ...nothing, sent: 1 })
    expect(world.queue.at(-1)).toBe('pages 2026-11-21T1215Z')
    expect(await plan(at, { clocks: [at, at] })).toEqual({ ...nothing, sent: 1 })
  })

  it('waits for the delay of its report, by the clock of the lanes', async () => {
    const delayed = defineReport({ ...report('pages'), delay: '20m' })
    const planned = async (clock: number) => {
      world.lanes = [{ lanes: 1, clock }]
      world.finish()
      return planRuns([delayed], { nowMs: noon + 2 * quarterMs, settleMs: 0 }, world.ports)
    }
    await planned(noon)
    world.queue.length = 0
    expect(await planned(noon + 20 * minuteMs - 1)).toMatchObject({ sent: 1 })
    expect(await planned(noon + 20 * minuteMs)).toMatchObject({ sent: 1 })
    expect(world.queue).toEqual(['pages 2026-11-21T1145Z', 'pages 2026-11-21T1200Z'])
    expect(isCompleteOf().map(([, isComplete]) => isComplete)).toEqual([true, true, true])
    world.finish()
    const muchLater = { nowMs: noon + patienceMs + 35 * minuteMs, settleMs: 0 }
    expect(await planRuns([delayed], muchLater, world.ports)).toMatchObject({ sent: 1, incomplete: 1 })
  })

  it.each([
    ['a lane has not spoken yet', [noon + 60 * minuteMs, undefined]],
    ['no lane has', []],
  ])('waits while %s', async (_, clocks) => {
    await plan(noon)
    expect(await plan(noon + quarterMs, { clocks })).toEqual(nothing)
  })

  it('is made all the same when the lanes stand for too long, and recorded as incomplete', async () => {
    await plan(noon)
    const at = noon + quarterMs + patienceMs
    expect(await plan(at - 1, { clocks: [noon] })).toEqual(nothing)
    expect(await plan(at, { clocks: [noon] })).toEqual({ ...nothing, sent: 1, incomplete: 1 })
    expect(isCompleteOf()).toEqual([
      ['1200Z', true],
      ['1215Z', false],
    ])
  })

  it('is made at once when it is the first of a new stage, where no lane has spoken', async () => {
    expect(await plan(noon, { clocks: [] })).toEqual({ ...nothing, sent: 1, incomplete: 1 })
    expect(world.queue).toEqual(['pages 2026-11-21T1200Z'])
    expect(await plan(noon + quarterMs)).toEqual({ ...nothing, sent: 1 })
  })

  it('leaves those before it recorded as complete', async () => {
    await plan(noon)
    const at = noon + 2 * quarterMs + patienceMs
    expect(await plan(at, { clocks: [noon + quarterMs] })).toEqual({ ...nothing, sent: 1, incomplete: 1 })
    expect(isCompleteOf()).toEqual([
      ['1200Z', true],
      ['1215Z', true],
      ['1230Z', false],
    ])
  })
})

describe('rows that are on their way to the lake', () => {
  const settleMs = 20 * minuteMs

  it('are waited for from when their run is recorded, not from its time', async () => {
    const late = noon + 60 * minuteMs
    expect(await plan(late, { clocks: [noon], settleMs })).toEqual(nothing)
    expect(world.effects).toEqual(['lanes', 'recent', 'add pages 2026-11-21T1200Z'])
    expect(await plan(late + settleMs - 1, { clocks: [noon], settleMs })).toEqual(nothing)
    expect(await plan(late + settleMs, { clocks: [noon], settleMs })).toEqual({ ...nothing, sent: 1 })
    expect(world.queue).toEqual(['pages 2026-11-21T1200Z'])
  })

  it('keep no run from the queue when a day of them was recorded before', async () => {
    await plan(noon)
    const later = noon + (mostCaughtUp + 1) * 15 * minuteMs
    const quarterLater = later + 15 * minuteMs
    await plan(later - 15 * minuteMs, { settleMs })
    await plan(later, { settleMs })
    // Those that wait are a day of them, again and again.
    expect(await plan(quarterLater + settleMs, { settleMs })).toEqual({ ...nothing, sent: 1, skipped: 2 })
    for (let left = mostCaughtUp - 1; left > 0; left--)
      expect(await plan(quarterLater + 2 * settleMs, { settleMs })).toMatchObject({ sent: 1 })
    expect(world.queue).toHaveLength(mostCaughtUp + 1)
    expect([...world.runs.values()].map(({ status }) => status).filter((status) => status === 'due')).toEqual(
      ['due'],
    )
  })

  it('are not waited for where there is no hope', async () => {
    expect(await plan(noon, { clocks: [], settleMs })).toMatchObject({ sent: 1, incomplete: 1 })
  })
})

describe('a report whose run hangs', () => {
  const quarterMs = 15 * minuteMs
  const setting = { names: ['stuck', 'pages'], hanging: ['stuck'] }
  const sentSince = (count: number) => world.queue.slice(count)

  it('has no other run in the queue until it is laid aside, while the others go on', async () => {
    await plan(noon, setting)
    expect(world.queue).toEqual(['stuck 2026-11-21T1200Z', 'pages 2026-11-21T1200Z'])

    expect(await plan(noon + quarterMs, setting)).toEqual({ ...nothing, sent: 1 })
    expect(await plan(noon + 2 * quarterMs, setting)).toEqual({ ...nothing, sent: 1 })
    expect(await plan(noon + mostUnderWayMs - 1, setting)).toEqual(nothing)
    expect(sentSince(2)).toEqual(['pages 2026-11-21T1215Z', 'pages 2026-11-21T1230Z'])

    expect(await plan(noon + mostUnderWayMs, setting)).toEqual({ ...nothing, sent: 2 })
    expect(sentSince(4)).toEqual(['stuck 2026-11-21T1215Z', 'pages 2026-11-21T1245Z'])
  })

  it('goes on with the next as soon as it is done', async () => {
    await plan(noon, setting)
    await plan(noon + quarterMs, setting)
    expect(await plan(noon + quarterMs + minuteMs, { ...setting, hanging: [] })).toEqual({
      ...nothing,
      sent: 1,
    })
    expect(world.queue.at(-1)).toBe('stuck 2026-11-21T1215Z')
  })

  it.each([
    [
      'failed, since it comes again',
      () => world.ports.ledger.markFailed({ report: 'stuck', at: noon }, 'no'),
    ],
    [
      'is not shown yet',
      () =>
        world.ports.ledger.choose(
          { report: 'stuck', at: noon },
          { kind: 'csv', key: 'k' },
          { scannedBytes: 1, elapsedMs: 1 },
        ),
    ],
  ])('holds its place also when it %s', async (_, happen) => {
    await plan(noon, setting)
    await happen()
    expect(await plan(noon + mostUnderWayMs - 1, setting)).toEqual({ ...nothing, sent: 1 })
    expect(await plan(noon + mostUnderWayMs, setting)).toMatchObject({ sent: 2 })
  })

  it('does not hold the place of one that is done', async () => {
    await plan(noon, setting)
    await world.ports.ledger.markDone({ report: 'stuck', at: noon })
    expect(await plan(noon + quarterMs, setting)).toEqual({ ...nothing, sent: 2 })
  })

  it('gives the oldest up when more than a day of them wait, and forgets none that waits', async () => {
    await plan(noon, setting)
    let skipped = 0
    for (let quarter = 1; quarter <= 200; quarter++)
      skipped += (await plan(noon + quarter * quarterMs, setting)).skipped
    const stuck = [...world.runs.values()].filter(({ report }) => report === 'stuck')
    const given = stuck.filter(({ reason }) => reason?.startsWith('given up'))
    expect(stuck).toHaveLength(201)
    expect(skipped).toBe(given.length)
    expect(stuck.filter(({ status }) => status === 'due')).toHaveLength(mostCaughtUp)
    expect(stuck.filter(({ status }) => status === 'queued').length + given.length).toBe(201 - mostCaughtUp)
  })
})
