import { beforeEach, describe, expect, it } from 'vitest'
import { csv, defineReport, every } from '../../../shared/core/report/definitions.ts'
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
const plan = (nowMs: number, names = ['pages']) => planRuns(names.map(report), nowMs, world.ports)

describe('planning', () => {
  it('records a run, sends it, and records that it is sent', async () => {
    await plan(noon)
    expect(world.effects).toEqual([
      'recent',
      'add pages 2026-11-21T1200Z',
      'send pages 2026-11-21T1200Z',
      'queued pages 2026-11-21T1200Z',
    ])
  })

  it('does nothing until the next is due', async () => {
    await plan(noon)
    expect(await plan(noon + 14 * minuteMs)).toEqual({ sent: 0, skipped: 0, errors: [] })
    expect(await plan(noon + 15 * minuteMs)).toEqual({ sent: 1, skipped: 0, errors: [] })
  })

  it('catches up with a day of quarter hours, and says what it gave up', async () => {
    await plan(noon)
    const threeDays = 3 * mostCaughtUp
    expect(await plan(noon + threeDays * 15 * minuteMs)).toEqual({
      sent: mostCaughtUp,
      skipped: threeDays - mostCaughtUp,
      errors: [],
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
    const planned = await plan(noon, ['broken', 'pages'])
    expect(planned).toMatchObject({ sent: 1, errors: [new Error('no answer')] })
    expect(world.queue).toEqual(['pages 2026-11-21T1200Z'])
  })
})
