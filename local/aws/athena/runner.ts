import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { S3 } from '../s3/s3.ts'
import type { Catalogue } from './catalogue.ts'
import type { Outcome } from './context.ts'
import type { Execution, ExecutionStore } from './execution.ts'
import { failureReason } from './failure-reason.ts'
import { QueryFailure } from './refusal.ts'
import { type RunnableStatement, runStatement } from './run-statement.ts'
import { openSession, type Session } from './session.ts'

export type RunnerOptions = {
  readonly dataDir: string
  readonly s3: S3
  readonly catalogue: Catalogue
  readonly executions: ExecutionStore
  onEnded?(execution: Execution): void
}

export type Job = {
  readonly execution: Execution
  readonly statement: RunnableStatement
  /** The most bytes that the workgroup lets a query scan. */
  readonly maxScannedBytes: number | undefined
}

/** DuckDB takes two cores and up to 1 GB for a query: more of them at a time make nothing faster. */
const maxRunning = 2
const watchMs = 200

/** Runs queries in the order in which they came, a few at a time. */
export class QueryRunner {
  readonly #options: RunnerOptions
  readonly #waiting: Job[] = []
  readonly #running = new Map<string, Run>()

  constructor(options: RunnerOptions) {
    this.#options = options
  }

  submit(job: Job): void {
    this.#options.executions.save(job.execution)
    this.#waiting.push(job)
    this.#next()
  }

  /** Does nothing to a query that has ended. */
  stop(id: string): void {
    this.#running.get(id)?.stop()
    const waiting = this.#waiting.findIndex(({ execution }) => execution.id === id)
    if (waiting === -1) return
    const [job] = this.#waiting.splice(waiting, 1)
    if (job) this.#end(job.execution, { state: 'CANCELLED', reason: cancelled })
  }

  /** Stops what runs and waits until it has ended. */
  async close(): Promise<void> {
    for (const { execution } of this.#waiting.splice(0))
      this.#end(execution, { state: 'CANCELLED', reason: cancelled })
    const runs = [...this.#running.values()]
    for (const run of runs) run.stop()
    await Promise.all(runs.map(({ ended }) => ended))
  }

  #next(): void {
    while (this.#running.size < maxRunning) {
      const job = this.#waiting.shift()
      if (!job) return
      const run = new Run(job, this.#options)
      this.#running.set(job.execution.id, run)
      void run.ended.then((end) => {
        this.#end(job.execution, end)
        this.#running.delete(job.execution.id)
        this.#next()
      })
    }
  }

  #end(execution: Execution, end: End): void {
    Object.assign(execution, end, { completedMs: Date.now() })
    this.#options.executions.save(execution)
    this.#options.onEnded?.(execution)
  }
}

const cancelled = 'Query cancelled'

type End = Pick<Execution, 'state' | 'reason'> & Partial<Outcome>

class Run {
  readonly ended: Promise<End>
  readonly #job: Job
  readonly #options: RunnerOptions
  #session: Session | undefined
  /** The last look at what was read; the session is closed after it. */
  #watching: Promise<void> = Promise.resolve()
  /** Why it is to end before its time. */
  #stopReason: string | undefined

  constructor(job: Job, options: RunnerOptions) {
    this.#job = job
    this.#options = options
    Object.assign(job.execution, { state: 'RUNNING', startedMs: Date.now() })
    this.ended = this.#run()
  }

  stop(reason = cancelled): void {
    this.#stopReason ??= reason
    this.#session?.interrupt()
  }

  async #run(): Promise<End> {
    const watch = setInterval(() => {
      this.#watching = this.#watching.then(() => this.#watch()).catch(() => {})
    }, watchMs)
    const spill = this.#spillFolder()
    try {
      const outcome = await this.#statement(spill)
      return { state: 'SUCCEEDED', ...outcome }
    } catch (error) {
      await this.#measure().catch(() => {})
      if (this.#stopReason !== undefined) return { state: 'CANCELLED', reason: this.#stopReason }
      return { state: 'FAILED', reason: failureReason(error) }
    } finally {
      clearInterval(watch)
      await this.#watching
      this.#session?.close()
      this.#session = undefined
      await rm(spill, { recursive: true, force: true })
    }
  }

  #statement(temporaryFolder: string): Promise<Outcome> {
    const { execution, statement } = this.#job
    const { s3, catalogue } = this.#options
    const { id: queryId, database, outputLocation } = execution
    const open = async (sql: string) => {
      this.#session = await openSession({ catalogue, s3, database, sql, temporaryFolder })
      this.#goOn()
      return this.#session
    }
    const check = async () => {
      await this.#watch()
      this.#goOn()
    }
    return runStatement(statement, {
      catalogue,
      s3,
      queryId,
      database,
      outputLocation,
      openSession: open,
      check,
    })
  }

  #goOn(): void {
    if (this.#stopReason !== undefined) throw new QueryFailure(this.#stopReason)
  }

  async #watch(): Promise<void> {
    await this.#measure()
    const { maxScannedBytes = Number.POSITIVE_INFINITY, execution } = this.#job
    if (execution.scannedBytes > maxScannedBytes)
      this.stop('Query cancelled! : Bytes scanned limit was exceeded')
  }

  async #measure(): Promise<void> {
    if (this.#session) this.#job.execution.scannedBytes = await this.#session.scannedBytes()
  }

  #spillFolder(): string {
    return join(this.#options.dataDir, 'athena-spill', this.#job.execution.id)
  }
}
