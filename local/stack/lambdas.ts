import { join } from 'node:path'
import { localAccount, localRegion } from './arns.ts'
import type { Build } from './build.ts'
import type { FunctionDeclaration } from './declaration.ts'
import { bundleOf } from './handler-file.ts'
import type { Invocation } from './invocation.ts'
import { lambdaEnvironment, shortName } from './lambda-environment.ts'
import { LambdaPool } from './lambda-pool.ts'
import { LogFile } from './log-file.ts'

/** One thing a function did, as listeners hear of it. */
export interface Invoked {
  readonly functionName: string
  readonly payload: string
  readonly invocation: Invocation
}

export interface LambdasOptions {
  readonly build: Build
  readonly endpointUrl: string
  readonly logsDir: string
  report(line: string): void
}

/**
 * Invocations at the same time; more wait. On AWS a stream's function has one a shard; on a laptop's two cores a second
 * container of it makes nothing faster and takes 100 MB.
 */
const maxStreamContainers = 1
const maxOtherContainers = 2

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

  async invoke(functionName: string, payload: string): Promise<Invocation> {
    const pool = this.#pools.get(functionName)
    if (!pool) throw new Error(`serverless.yml declares no function ${functionName}`)
    const invocation = await pool.invoke(payload)
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
    const { build, endpointUrl, logsDir, report } = this.#options
    const taskRoot = build.taskRoot(declared.zip)
    const name = shortName(declared.name)
    const isOnStream = build.declaration.mappings.some(({ functionName }) => functionName === declared.name)
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
      log: (text) => log.write(text),
      onFailure: ({ errorType, errorMessage }) => {
        const [firstLine = ''] = errorMessage.split('\n')
        report(`${name} failed: ${errorType}: ${firstLine.slice(0, 200)} (${log.file})`)
      },
    })
  }
}
