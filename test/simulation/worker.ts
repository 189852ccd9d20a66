import { parentPort } from 'node:worker_threads'
import { type RunResult, runSeed } from './run.ts'

export type SeedDone = Pick<RunResult, 'seed' | 'failures' | 'scenes'>

// A mutant may leave a promise that nobody awaits: that is its fault to show, not ours to die of.
process.on('unhandledRejection', () => {})

/** A seed, or nothing when there are no more. */
parentPort?.on('message', async (asked: number | undefined) => {
  if (asked === undefined) return parentPort?.close()
  const { seed, failures, scenes } = await runSeed(asked)
  parentPort?.postMessage({ seed, failures, scenes } satisfies SeedDone)
})
