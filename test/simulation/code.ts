import * as Type from 'typebox'
import { createJudge, type Judge } from '../../shared/core/event/judge.ts'
import type { LaneSettings } from '../../shared/core/lane/fold.ts'
import { publishAtOnce } from '../../shared/core/lane/publishing.ts'
import { type CompiledMetrics, compileMetrics } from '../../shared/core/metric/compile.ts'
import type { MetricDescriptor } from '../../shared/core/metric/contribution.ts'
import { defineEvent } from '../../shared/core/plan/event-spec.ts'
import { deployedMetrics, simulatedMetrics } from './metrics.ts'

/** What a deploy may change: the tracking plan, the metrics, the settings of the lanes. */
export type Code = {
  readonly name: string
  readonly judge: Judge
  readonly metrics: CompiledMetrics
  readonly settings: LaneSettings
}

const minuteMs = 60_000

/** Shorter than in production, so that sessions close, ids are forgotten and orphans are swept within a run. */
export const brief: LaneSettings = {
  gapMs: minuteMs,
  latenessMs: 45_000,
  horizonMs: minuteMs,
  maxPanes: 20,
  maxPutsPerCommit: 30,
  sweepEvery: 2,
  inlineBytes: 800,
  mergeAbove: 0,
  publishEvery: { open: { ...publishAtOnce.open, '1h': 30_000, '1d': minuteMs }, over: 30_000 },
}
const patient: LaneSettings = {
  ...brief,
  gapMs: minuteMs + 15_000,
  latenessMs: minuteMs,
  horizonMs: 2 * minuteMs,
  maxPanes: 15,
  inlineBytes: 0,
  mergeAbove: 8,
  publishEvery: {
    open: { '1m': 20_000, '5m': 40_000, '15m': 40_000, '1h': minuteMs, '1d': 90_000 },
    over: 40_000,
  },
}

/** Refuses some of what no plan refuses, and has columns of its own. */
const plan = [
  defineEvent({
    name: 'A',
    version: '1.0.0',
    description: 'Something that has a number, or should have',
    properties: Type.Object({ n: Type.Number({ description: 'Any number' }) }),
  }),
  defineEvent({
    name: 'Bought',
    version: '1.0.0',
    description: 'Money that came in',
    properties: Type.Object({
      revenue: Type.Number({ minimum: 0, description: 'What was paid' }),
      currency: Type.String({ description: 'ISO 4217 code' }),
    }),
  }),
]

const unplanned = createJudge({ plan: [], countryOf: () => '' })
const planned = createJudge({ plan, countryOf: () => '' })
const before = compileMetrics(simulatedMetrics)
const after = compileMetrics(deployedMetrics)

/** Which of the first two judged an event can be told from the metrics in its pack. */
export const codes: readonly [Code, ...Code[]] = [
  { name: 'first', judge: unplanned, metrics: before, settings: brief },
  { name: 'another plan and other metrics', judge: planned, metrics: after, settings: brief },
  { name: 'other settings', judge: unplanned, metrics: before, settings: patient },
  { name: 'another plan, other metrics and settings', judge: planned, metrics: after, settings: patient },
]

const byMetrics = new Map(codes.map((code) => [JSON.stringify(code.metrics.descriptors), code]))
const known = new WeakMap<readonly MetricDescriptor[], Code | undefined>()

/** The code that made a pack; undefined when none of ours did. Its settings are not told by that. */
export const codeOfPack = (metrics: readonly MetricDescriptor[]): Code | undefined => {
  if (!known.has(metrics)) known.set(metrics, byMetrics.get(JSON.stringify(metrics)))
  return known.get(metrics)
}

/** The same whichever code is deployed: what oracles and clients go by. */
export const least = brief
export const most = patient
