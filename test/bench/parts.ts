import { duckdb } from './duckdb.ts'
import { growthWithEvents, growthWithVisitors } from './growth.ts'
import type { Part } from './part.ts'
import { ratios } from './ratios.ts'
import { breakdown } from './steps.ts'
import { tutorial } from './tutorial.ts'

/** All tables of the benchmark, in the order in which they are measured: the first gives the whole pass that others compare with. */
export const parts: readonly Part[] = [
  ratios,
  breakdown,
  tutorial,
  duckdb,
  growthWithEvents,
  growthWithVisitors,
]
