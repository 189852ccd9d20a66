import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import type { Invocation, Payload, Usage, WorkerBirth, WorkerReply } from './invocation.ts'

export interface ContainerOptions {
  readonly birth: WorkerBirth
  readonly environment: Readonly<Record<string, string>>
  log(text: string): void
}

/** How long a bundle may take to load: https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html */
const maxLoadMs = 10_000

/** One execution environment of a function: a worker thread that runs one invocation at a time. */
export class LambdaContainer {
  readonly #worker: Worker
  readonly #options: ContainerOptions
  readonly #loaded: Promise<WorkerReply>
  #settle: (reply: WorkerReply) => void = () => {}
  #alive = true

  constructor(options: ContainerOptions) {
    this.#options = options
    this.#loaded = this.#nextReply(maxLoadMs, 'Runtime.InitTimeout')
    this.#worker = new Worker(new URL('./lambda-worker.ts', import.meta.url), {
      workerData: options.birth,
      env: { ...options.environment },
      // A profile of the stack (`node --cpu-prof local/start.ts`) has the threads of its functions, too.
      execArgv: process.execArgv.filter((option) => option.startsWith('--cpu-prof')),
      stdout: true,
      stderr: true,
      // Lambda counts all memory; what a thread can be held to is its heap.
      // A small young generation keeps a dozen threads within the memory of a laptop.
      resourceLimits: { maxOldGenerationSizeMb: options.birth.memoryMb, maxYoungGenerationSizeMb: 12 },
    })
    this.#worker.stdout.setEncoding('utf8').on('data', options.log)
    this.#worker.stderr.setEncoding('utf8').on('data', options.log)
    this.#worker.on('message', (reply: WorkerReply) => this.#settle(reply))
    this.#worker.on('error', (error: Error) => this.#die(crash(error)))
    this.#worker.on('exit', (code) =>
      this.#die(failure('Runtime.ExitError', `the runtime exited with code ${code}`)),
    )
  }

  /** False once it timed out, crashed or failed to load: it takes no more invocations. */
  get alive(): boolean {
    return this.#alive
  }

  async load(requestId: string): Promise<Invocation | undefined> {
    const reply = await this.#loaded
    if (reply.kind === 'ready') return undefined
    await this.#kill()
    return this.#outcome(requestId, reply)
  }

  async invoke(requestId: string, payload: Payload): Promise<Invocation> {
    const notLoaded = await this.load(requestId)
    if (notLoaded) return notLoaded
    if (!this.#alive) return this.#outcome(requestId, failure('Runtime.ExitError', 'the runtime had exited'))
    const answer = this.#nextReply(this.#options.birth.timeoutMs, 'Sandbox.Timedout')
    const startedMs = performance.now()
    // Handed over, not copied: a full batch has 6 MB.
    const handedOver = typeof payload === 'string' ? [] : [payload.data.buffer]
    this.#worker.postMessage({ requestId, payload }, handedOver)
    const reply = await answer
    if (reply.kind === 'threw' && reply.errorType === 'Sandbox.Timedout') await this.#kill()
    const untilNow = { durationMs: performance.now() - startedMs, cpuMs: 0 }
    return this.#outcome(requestId, reply, untilNow)
  }

  async close(): Promise<void> {
    await this.#kill()
  }

  #nextReply(timeoutMs: number, timeoutType: string): Promise<WorkerReply> {
    const { promise, resolve } = Promise.withResolvers<WorkerReply>()
    const seconds = (timeoutMs / 1000).toFixed(2)
    const timer = setTimeout(
      () => resolve(failure(timeoutType, `timed out after ${seconds} seconds`)),
      timeoutMs,
    )
    this.#settle = resolve
    return promise.finally(() => clearTimeout(timer))
  }

  /** @param untilNow for what did not end by itself. */
  #outcome(requestId: string, reply: WorkerReply, untilNow?: Usage): Invocation {
    if (reply.kind === 'returned') return { ...reply, requestId }
    if (reply.kind === 'ready') return { kind: 'returned', requestId, payload: 'null' }
    const { errorType, errorMessage, stack } = reply
    this.#options.log(`${JSON.stringify({ requestId, errorType, errorMessage, stack })}\n`)
    const timedOut = errorType === 'Sandbox.Timedout'
    const usage = reply.usage ?? untilNow
    return { kind: 'failed', requestId, errorType, errorMessage, timedOut, ...(usage && { usage }) }
  }

  #die(reason: WorkerReply): void {
    this.#alive = false
    this.#settle(reason)
  }

  async #kill(): Promise<void> {
    this.#alive = false
    if (this.#worker.threadId === -1) return
    const exited = once(this.#worker, 'exit')
    await this.#worker.terminate()
    await exited
  }
}

function crash(error: Error): WorkerReply {
  return { kind: 'threw', errorType: error.name, errorMessage: error.message, stack: error.stack ?? '' }
}

function failure(errorType: string, errorMessage: string): WorkerReply {
  return { kind: 'threw', errorType, errorMessage, stack: '' }
}
