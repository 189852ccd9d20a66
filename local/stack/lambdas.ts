import { join } from 'node:path'
import { localAccount, localRegion } from './arns.ts'
import type { Build } from './build.ts'
import type { FunctionDeclaration } from './declaration.ts'
import { bundleOf } from './handler-file.ts'
import type { Invocation, Payload } from './invocation.ts'
import { lambdaEnvironment, shortName } from './lambda-environment.ts'
import { LambdaPool } from './lambda-pool.ts'
import { LogFile } from './log-file.ts'

/** One thing a function did, as listeners hear of it. */
export interface Invoked {
  readonly functionName: string
  /** Missing of a batch of Kinesis. */
  readonly payload: string | undefined
  readonly invocation: Invocation
}

export interface LambdasOptions {
  readonly build: Build
  readonly endpointUrl: string
  readonly logsDir: string
  report(line: string): void
  /** Hears of what a function writes to its log. */
  onLog?(functionName: string, text: string): void
}

/**
 * Invocations at the same time; more wait. On AWS a stream's function has one a shard; on a laptop's two cores a second
 * container of it makes nothing faster and takes 100 MB.
 */
const maxStreamContainers = 1
const maxOtherContainers = 2

/**
 * How long a container is kept that has nothing to do; each is a heap of 30 MB and more. A function on a stream has its next
 * batch soon, and what its lanes remember; whoever calls a route after a while waits a tenth of a second longer, as on
 * Lambda; for the others nobody waits.
 */
const keepIdleMs = { stream: Number.POSITIVE_INFINITY, route: 20_000, other: 1_000 }

/** Every declared function, ready to be invoked by name. */
export class Lambdas {
  readonly #pools = new Map<string, LambdaPool>()
  readonly #logs: LogFile[] = []
  readonly #listeners = new Set<(invoked: Invoked) => void>()
  readonly #options: LambdasOptions

  constructor(options: LambdasOptions) {
    this.#options = options
    for (const declared of options.build.declaration.functions) {
      this.#pools.set(declared.name, this.#pool(declared))
    }
  }

  async invoke(functionName: string, event: Payload | (() => Payload)): Promise<Invocation> {
    const pool = this.#pools.get(functionName)
    if (!pool) throw new Error(`serverless.yml declares no function ${functionName}`)
    const invocation = await pool.invoke(event)
    const payload = typeof event === 'string' ? event : undefined
    for (const listener of this.#listeners) listener({ functionName, payload, invocation })
    return invocation
  }

  /** Calls back after every invocation; returns how to stop that. */
  onInvoked(listener: (invoked: Invoked) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Loads each function once, one after the other: it is to disturb nothing. */
  async warm(): Promise<void> {
    for (const pool of this.#pools.values()) await pool.warm()
  }

  /** Ends the containers, whatever runs in them. */
  async close(): Promise<void> {
    await Promise.all([...this.#pools.values()].map((pool) => pool.close()))
    for (const log of this.#logs) log.close()
  }

  #pool(declared: FunctionDeclaration): LambdaPool {
    const { build, endpointUrl, logsDir, report, onLog } = this.#options
    const taskRoot = build.taskRoot(declared.zip)
    const name = shortName(declared.name)
    const isOneOf = (uses: readonly { readonly functionName: string }[]) =>
      uses.some(({ functionName }) => functionName === declared.name)
    const isOnStream = isOneOf(build.declaration.mappings)
    const isOnRoute = isOneOf(build.declaration.routes)
    const log = new LogFile(join(logsDir, `${name}.log`))
    this.#logs.push(log)
    return new LambdaPool({
      birth: {
        ...bundleOf(taskRoot, declared.handler),
        functionName: declared.name,
        functionArn: `arn:aws:lambda:${localRegion}:${localAccount}:function:${declared.name}`,
        memoryMb: declared.memoryMb,
        timeoutMs: declared.timeoutMs,
      },
      environment: lambdaEnvironment(declared, { taskRoot, endpointUrl }),
      maxContainers: isOnStream ? maxStreamContainers : maxOtherContainers,
      keepIdleMs: keepIdleMs[isOnStream ? 'stream' : isOnRoute ? 'route' : 'other'],
      log: (text) => {
        log.write(text)
        onLog?.(declared.name, text)
      },
      onFailure: ({ errorType, errorMessage }) => {
        const [firstLine = ''] = errorMessage.split('\n')
        report(`${name} failed: ${errorType}: ${firstLine.slice(0, 200)} (${log.file})`)
      },
    })
  }
}
