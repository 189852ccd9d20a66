import { beforeEach, describe, expect, it } from 'vitest'
import { patienceMs } from '../../../shared/core/report/arrived.ts'
import { csv, defineReport, every } from '../../../shared/core/report/definitions.ts'
import { runText } from '../../../shared/core/report/ledger.ts'
import { mostCaughtUp, planRuns } from '../../../shared/core/report/plan-runs.ts'
import { ReportWorld } from '../../support/report-world.ts'

const noon = Date.UTC(2026, 10, 21, 12)
const minuteMs = 60_000
const report = (name: string) =>
  defineReport({ name, query: 'top-pages', schedule: every('15m'), delay: '0m', target: csv(name) })

let world: ReportWorld
beforeEach(() => {
  world = new ReportWorld()
})
/** With every lane at the time of day, and rows in the lake as soon as they are sent, unless told otherwise. */
const plan = (
  nowMs: number,
  { names = ['pages'], clocks = [nowMs], settleMs = 0 }: Partial<Setting> = {},
) => {
  world.lanes = clocks.map((clock) => ({ lanes: clocks.length, ...(clock !== undefined && { clock }) }))
  return planRuns(names.map(report), { nowMs, settleMs }, world.ports)
}
type Setting = { names: string[]; clocks: (number | undefined)[]; settleMs: number }
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
    expect(await plan(noon + threeDays * 15 * minuteMs)).toEqual({
      ...nothing,
      sent: mostCaughtUp,
      skipped: threeDays - mostCaughtUp,
    })
    expect(new Set(world.queue).size).toBe(mostCaughtUp + 1)
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
      expect((await plan(noon + 45 * minuteMs)).errors).toEqual([])
      expect(new Set(world.queue)).toEqual(
        new Set(['1200', '1215', '1230', '1245'].map((time) => `pages 2026-11-21T${time}Z`)),
      )
      expect([...world.runs.values()].map(({ status }) => status)).toEqual(Array(4).fill('queued'))
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
      return planRuns([delayed], { nowMs: noon + 2 * quarterMs, settleMs: 0 }, world.ports)
    }
    await planned(noon)
    world.queue.length = 0
    expect(await planned(noon + 20 * minuteMs - 1)).toMatchObject({ sent: 1 })
    expect(await planned(noon + 20 * minuteMs)).toMatchObject({ sent: 1 })
    expect(world.queue).toEqual(['pages 2026-11-21T1145Z', 'pages 2026-11-21T1200Z'])
    expect(isCompleteOf().map(([, isComplete]) => isComplete)).toEqual([true, true, true])
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
    expect(await plan(at, { clocks: [noon + quarterMs] })).toEqual({ ...nothing, sent: 2, incomplete: 1 })
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
    expect(await plan(quarterLater + settleMs, { settleMs })).toMatchObject({ sent: mostCaughtUp + 1 })
    expect(new Set(world.queue).size).toBe(mostCaughtUp + 2)
  })

  it('are not waited for where there is no hope', async () => {
    expect(await plan(noon, { clocks: [], settleMs })).toMatchObject({ sent: 1, incomplete: 1 })
  })
})
