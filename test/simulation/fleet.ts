import { mkdtemp, rm } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { buildSimulation } from './build.ts'
import type { Mutant } from './mutants.ts'
import type { Scene } from './scenes.ts'
import type { SeedDone } from './worker.ts'

export type FleetOptions = {
  readonly seed: number
  readonly seeds: number
  readonly mutant?: Mutant
  /** Stops at the first seed that fails. */
  readonly untilFailure?: boolean
  readonly onDone?: (done: SeedDone, count: number) => void
}

export type FleetResult = {
  readonly run: number
  readonly failed: readonly SeedDone[]
  /** How often what was played, over all runs. */
  readonly scenes: ReadonlyMap<Scene, number>
}

/** A run that takes longer than this does not come to rest: a mutant may loop, the code must not. */
const maxRunMs = 30_000

/** Runs seeds `seed … seed + seeds − 1`, one thread a core, each run in one thread. */
export const runFleet = async (options: FleetOptions): Promise<FleetResult> => {
  const folder = await mkdtemp(join(tmpdir(), 'weir-simulation-'))
  try {
    const file = join(folder, 'simulation.mjs')
    await buildSimulation(file, options.mutant)
    const queue = new SeedQueue(options)
    await Promise.all(Array.from({ length: availableParallelism() }, () => workOff(file, queue)))
    return { run: queue.count, failed: queue.failed.sort((a, b) => a.seed - b.seed), scenes: queue.scenes }
  } finally {
    await rm(folder, { recursive: true })
  }
}

class SeedQueue {
  count = 0
  readonly failed: SeedDone[] = []
  readonly scenes = new Map<Scene, number>()
  readonly #options: FleetOptions
  #next: number

  constructor(options: FleetOptions) {
    this.#options = options
    this.#next = options.seed
  }

  take(): number | undefined {
    if (this.#options.untilFailure && this.failed.length > 0) return undefined
    return this.#next < this.#options.seed + this.#options.seeds ? this.#next++ : undefined
  }

  done(result: SeedDone): void {
    this.count++
    for (const [scene, times] of result.scenes) this.scenes.set(scene, (this.scenes.get(scene) ?? 0) + times)
    if (result.failures.length > 0) this.failed.push(result)
    this.#options.onDone?.(result, this.count)
  }
}

const workOff = async (file: string, queue: SeedQueue): Promise<void> => {
  for (let seed = queue.take(); seed !== undefined; ) {
    const worker = new Worker(file)
    seed = await useWorker(worker, seed, queue)
    await worker.terminate()
  }
}

/** Gives the worker seed after seed; answers a seed that is still to be run when the worker had to be given up. */
const useWorker = (worker: Worker, first: number, queue: SeedQueue): Promise<number | undefined> =>
  new Promise((resolve) => {
    let current = first
    let timer: NodeJS.Timeout
    const start = (seed: number) => {
      current = seed
      timer = setTimeout(() => giveUp(`did not end within ${maxRunMs} ms`), maxRunMs)
      worker.postMessage(seed)
    }
    const giveUp = (reason: string) => {
      clearTimeout(timer)
      queue.done({ seed: current, failures: [reason], scenes: new Map() })
      resolve(queue.take())
    }
    worker.on('error', (error) => giveUp(error.message))
    worker.on('message', (done: SeedDone) => {
      clearTimeout(timer)
      queue.done(done)
      const next = queue.take()
      if (next === undefined) end()
      else start(next)
    })
    /** By itself: a failed run leaves attempts half done, and a thread that is stopped within zlib takes the process with it. */
    const end = () => {
      timer = setTimeout(resolve, maxRunMs, undefined)
      worker.once('exit', () => {
        clearTimeout(timer)
        resolve(undefined)
      })
      worker.postMessage(undefined)
    }
    start(first)
  })
