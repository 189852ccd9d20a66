import { coldStart } from './cold-start.ts'
import { duckdb } from './duckdb.ts'
import { endToEnd } from './end-to-end-part.ts'
import { growthWithEvents, growthWithVisitors } from './growth.ts'
import { latency } from './latency.ts'
import type { Part } from './part.ts'
import { ratios } from './ratios.ts'
import { breakdown } from './steps.ts'
import { tutorial } from './tutorial.ts'

/**
 * All tables of the benchmark, in the order in which they are measured: the first gives the whole pass that others compare with, and
 * the longest come last.
 */
export const parts: readonly Part[] = [
  ratios,
  breakdown,
  tutorial,
  coldStart,
  duckdb,
  latency,
  growthWithVisitors,
  growthWithEvents,
  endToEnd,
]
