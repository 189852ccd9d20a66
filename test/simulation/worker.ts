import { parentPort } from 'node:worker_threads'
import { type RunResult, runSeed } from './run.ts'

export type SeedDone = Pick<RunResult, 'seed' | 'failures' | 'scenes'>

// A mutant may leave a promise that nobody awaits: that is its fault to show, not ours to die of.
process.on('unhandledRejection', () => {})

parentPort?.on('message', async (asked: number) => {
  const { seed, failures, scenes } = await runSeed(asked)
  parentPort?.postMessage({ seed, failures, scenes } satisfies SeedDone)
})
