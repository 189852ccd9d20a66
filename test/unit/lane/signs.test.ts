import { describe, expect, it } from 'vitest'
import type { AggregateResult } from '../../../shared/core/lane/aggregate.ts'
import limits from '../../../shared/core/lane/held-limits.json' with { type: 'json' }
import { mostHeld, signsOf } from '../../../shared/core/lane/signs.ts'

type Held = AggregateResult['lanes'][number]['held']

const nothing: Held = { visitors: 0, sessions: 0, panes: 0, seenIdBytes: 0, recordsBeyondMarks: 0 }
const lane = (held: Partial<Held> = {}): AggregateResult['lanes'][number] => ({
  firstLeft: undefined,
  version: 1,
  clock: undefined,
  counters: { received: 0, accepted: 0, quarantined: 0, duplicate: 0, sessionsClosed: 0 },
  conflicts: 0,
  held: { ...nothing, ...held },
})
const sound: AggregateResult = {
  firstFailed: undefined,
  lanes: [lane()],
  conflicts: 0,
  unreadable: 0,
  errors: [],
}

describe('in CloudWatch', () => {
  it('nothing is seen of a sound batch', () => {
    expect(signsOf(sound)).toEqual([])
  })

  it.each([
    [{ conflicts: 2 }, { name: 'LaneConflicts', unit: 'Count', value: 2 }],
    [{ errors: [new Error('no answer')] }, { name: 'LanesFailed', unit: 'Count', value: 1 }],
    [{ unreadable: 3 }, { name: 'UnreadablePacks', unit: 'Count', value: 3 }],
  ])('%j is seen', (of, sign) => {
    expect(signsOf({ ...sound, ...of })).toEqual([sign])
  })

  it.each([
    ['OpenSessions', 'sessions', 'Count'],
    ['SeenIdBytes', 'seenIdBytes', 'Bytes'],
    ['RecordsBeyondMarks', 'recordsBeyondMarks', 'Count'],
  ] as const)('%s of the fullest lane is seen from half of what alarms', (name, of, unit) => {
    const half = limits[name] / 2
    const holding = (value: number) => ({ ...sound, lanes: [lane({ [of]: value }), lane({ [of]: 1 })] })
    expect(signsOf(holding(half - 1))).toEqual([])
    expect(signsOf(holding(half))).toEqual([{ name, unit, value: half }])
  })
})

it('the log has the most that one lane holds of each', () => {
  const lanes = [
    lane({ visitors: 2, sessions: 9 }),
    lane({ visitors: 5, seenIdBytes: 7, recordsBeyondMarks: 1 }),
  ]
  expect(mostHeld(lanes)).toEqual({ visitors: 5, sessions: 9, seenIdBytes: 7, recordsBeyondMarks: 1 })
})
