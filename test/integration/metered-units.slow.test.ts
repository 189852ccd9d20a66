import { beforeAll, describe, expect, it } from 'vitest'
import { type Back, measureBack } from '../../commands/cost/back.ts'
import { type Front, measureFront } from '../../commands/cost/front.ts'
import { names } from '../../commands/cost/run.ts'
import type { Scenario } from '../../commands/cost/scenario.ts'
import kept from '../support/metered-units.json' with { type: 'json' }

const scenario: Scenario = {
  eventsPerDay: 1_000_000,
  eventBytes: 1_000,
  windows: { archive: 60, enrich: 60, aggregate: 60 },
  lanes: 4,
  publish: 'sparingly',
  rawShards: undefined,
  laneShards: undefined,
  eventsPerRecord: 1,
  gzip: false,
}
const effort = { frontEvents: 2_000, morningVisits: 1_500, hourVisits: 5_000, laneEvents: 8_000 }

/** What a bill is made of, and what the same events always give: no durations. */
function figuresOf(front: Front, back: Back): Record<string, number> {
  const firehose = (run: Front | Back, stream: string) =>
    (run.units.firehose[`weir-local-${stream}`]?.billedBytes ?? 0) / run.events
  const lanes = front.units.kinesis[names.laneStream]
  const state = back.units.s3['weir-local-state']
  const table = back.units.dynamodb[names.metricsTable]
  // A commit begins by asking whether the manifest is as it was.
  const commits = state?.reads ?? 0
  return {
    'raw PUT units an event': (front.units.kinesis[names.rawStream]?.putUnits ?? 0) / front.events,
    'lane PUT units an event': (lanes?.putUnits ?? 0) / front.events,
    'lane bytes an event': (lanes?.bytes ?? 0) / front.events,
    'Firehose bytes an event, raw': firehose(front, 'raw'),
    'Firehose bytes an event, events': firehose(back, 'events'),
    'Firehose bytes an event, sessions': firehose(back, 'sessions'),
    'Firehose bytes an event, bad': firehose(back, 'bad'),
    'commits a window': commits / back.windows,
    'S3 writes a commit': (state?.writes ?? 0) / commits,
    'S3 bytes a commit': (state?.bytesWritten ?? 0) / commits,
    'DynamoDB writes a commit': (table?.writes ?? 0) / commits,
    'WRU a commit': (table?.writeUnits ?? 0) / commits,
  }
}

let figures: Record<string, number>

beforeAll(async () => {
  const front = await measureFront(scenario, effort)
  figures = figuresOf(front, await measureBack(scenario, front, effort))
}, 300_000)

describe('of what AWS bills', () => {
  it('everything has a figure that is kept', () => {
    expect(Object.keys(kept.figures), hint()).toEqual(Object.keys(figures))
  })

  it.each(Object.entries(kept.figures))('%s: at most a twentieth more than %d', (name, figure) => {
    expect(figures[name], hint()).toBeLessThanOrEqual(figure * 1.05)
  })

  it.each(Object.entries(kept.figures))(
    '%s: at most a tenth less than %d, else the new figure is to be kept',
    (name, figure) => {
      expect(figures[name], hint()).toBeGreaterThanOrEqual(figure * 0.9)
    },
  )
})

const hint = (): string =>
  `test/support/metered-units.json for what was metered: ${JSON.stringify(figures, null, 2)}`
