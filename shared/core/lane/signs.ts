import type { AggregateResult } from './aggregate.ts'
import limits from './held-limits.json' with { type: 'json' }

/** A number that an alarm looks at, or a person when something is wrong. */
export type Sign = { readonly name: string; readonly unit: 'Count' | 'Bytes'; readonly value: number }

type Result = Pick<AggregateResult, 'lanes' | 'conflicts' | 'unreadable'> & {
  readonly errors: { readonly length: number }
}

/**
 * What is to be seen in CloudWatch of a batch; of a sound one nothing, since AWS bills a metric for each hour in which somebody
 * sends it. What a lane holds is shown from half of what alarms; below that it stands in the log.
 */
export const signsOf = ({ lanes, conflicts, unreadable, errors }: Result): readonly Sign[] => {
  const held = mostHeld(lanes)
  const counts: Sign[] = [
    { name: 'LaneConflicts', unit: 'Count', value: conflicts },
    { name: 'LanesFailed', unit: 'Count', value: errors.length },
    { name: 'UnreadablePacks', unit: 'Count', value: unreadable },
  ]
  const gauges: (Sign & { readonly limit: number })[] = [
    { name: 'OpenSessions', unit: 'Count', value: held.sessions, limit: limits.OpenSessions },
    { name: 'SeenIdBytes', unit: 'Bytes', value: held.seenIdBytes, limit: limits.SeenIdBytes },
    {
      name: 'RecordsBeyondMarks',
      unit: 'Count',
      value: held.recordsBeyondMarks,
      limit: limits.RecordsBeyondMarks,
    },
  ]
  return [
    ...counts.filter(({ value }) => value > 0),
    ...gauges.filter(({ value, limit }) => value >= limit / 2).map(({ limit: _, ...sign }) => sign),
  ]
}

/** The most that one lane holds of each. */
export const mostHeld = (lanes: AggregateResult['lanes']) => {
  const most = (of: (held: AggregateResult['lanes'][number]['held']) => number) =>
    lanes.reduce((most, { held }) => Math.max(most, of(held)), 0)
  return {
    visitors: most((held) => held.visitors),
    sessions: most((held) => held.sessions),
    seenIdBytes: most((held) => held.seenIdBytes),
    recordsBeyondMarks: most((held) => held.recordsBeyondMarks),
  }
}
