import type { NamedQuery } from '../../shared/core/lake/named-query.ts'
import { parseNamedQuery } from '../../shared/core/lake/named-query.ts'
import type { SqlResult } from '../../shared/core/lake/sql-engine.ts'
import { type Result, type Run, type RunId, runText } from '../../shared/core/report/ledger.ts'
import type { PlanPorts } from '../../shared/core/report/plan-runs.ts'
import type { ReportMetric, ReportPorts } from '../../shared/core/report/ports.ts'
import type { LaneProgress } from '../../shared/core/window/complete.ts'

/** SELECT, CREATE, … behind the comments. */
const verbOf = (sql: string): string => /^(?:\s*--.*\n)*\s*(\w+)/.exec(sql)?.[1] ?? ''

const idOf = ({ report, at }: RunId): string => `${report} ${runText(at)}`

/** What reports work on, in memory, with every effect in one ordered list; a hook may make any call fail. */
export class ReportWorld {
  readonly effects: string[] = []
  readonly runs = new Map<string, Run & { readonly reason?: string }>()
  readonly queue: string[] = []
  readonly statements: string[] = []
  readonly files = new Map<string, string>()
  readonly metrics: ReportMetric[] = []
  lanes: readonly LaneProgress[] = []
  answer: SqlResult = { columns: [], rows: [], scannedBytes: 1_000, elapsedMs: 10 }
  beforeCall: (effect: string) => void = () => {}
  afterCall: (effect: string) => void = () => {}

  get ports(): ReportPorts & PlanPorts {
    return {
      ledger: {
        recent: (report, most) =>
          this.#call('recent', () =>
            [...this.runs.values()]
              .filter((run) => run.report === report)
              .sort((a, b) => b.at - a.at)
              .slice(0, most),
          ),
        get: (run) => this.#call('get', () => this.runs.get(idOf(run))),
        add: (run) =>
          this.#call(`add ${idOf(run)}`, () => {
            if (!this.runs.has(idOf(run)))
              this.runs.set(idOf(run), { ...run, status: 'due', result: undefined })
          }),
        markQueued: (run, queuedAt) =>
          this.#call(`queued ${idOf(run)}`, () => {
            const known = this.runs.get(idOf(run))
            if (known?.status === 'due') this.runs.set(idOf(run), { ...known, status: 'queued', queuedAt })
          }),
        choose: (run, result) => this.#call('choose', () => this.#choose(run, result)),
        markDone: (run) =>
          this.#call('done', () => {
            this.runs.set(idOf(run), {
              ...this.runs.get(idOf(run)),
              ...run,
              status: 'done',
              result: this.runs.get(idOf(run))?.result,
            })
          }),
        markFailed: (run, reason) =>
          this.#call('failed', () => {
            if (this.runs.get(idOf(run))?.result === undefined)
              this.runs.set(idOf(run), {
                ...this.runs.get(idOf(run)),
                ...run,
                status: 'failed',
                result: undefined,
                reason,
              })
          }),
      },
      lanes: () => this.#call('lanes', () => this.lanes),
      queue: {
        send: (runs) =>
          this.#call(`send ${runs.map(idOf).join(', ')}`, () => {
            this.queue.push(...runs.map(idOf))
          }),
      },
      sql: {
        run: (sql, limits) =>
          this.#call(`${verbOf(sql)} ${limits?.timeoutMs ?? ''}`.trim(), () => {
            this.statements.push(sql)
            return this.answer
          }),
      },
      bucket: 'lake',
      files: {
        putOnce: (key, bytes) =>
          this.#call(`put ${key}`, () => {
            if (!this.files.has(key)) this.files.set(key, Buffer.from(bytes).toString())
          }),
        list: (prefix) =>
          this.#call(`list ${prefix}`, () => [...this.files.keys()].filter((key) => key.startsWith(prefix))),
        delete: (keys) =>
          this.#call(`delete ${keys.join(', ')}`, () => {
            for (const key of keys) this.files.delete(key)
          }),
      },
      emit: (metric) => {
        this.metrics.push(metric)
      },
    }
  }

  /** What is in the queue is made, but for these reports. */
  finish(hanging: readonly string[] = []): void {
    for (const [id, run] of this.runs)
      if (run.status === 'queued' && !hanging.includes(run.report))
        this.runs.set(id, { ...run, status: 'done' })
  }

  statusOf(run: RunId): string | undefined {
    return this.runs.get(idOf(run))?.status
  }

  #choose(run: RunId, result: Result): Result {
    const standing = this.runs.get(idOf(run))?.result
    if (standing !== undefined) return standing
    this.runs.set(idOf(run), { ...this.runs.get(idOf(run)), ...run, status: 'chosen', result })
    return result
  }

  async #call<Answer>(effect: string, run: () => Answer): Promise<Answer> {
    this.beforeCall(effect)
    this.effects.push(effect)
    const answer = run()
    this.afterCall(effect)
    return answer
  }
}

export const pagesQuery: NamedQuery = parseNamedQuery(
  'pages.sql',
  `-- question: Which pages are seen most?
-- parameter: from timestamp 1970-01-01 | from then on
-- parameter: to timestamp 9999-01-01 | before then
-- column: page varchar | path
-- column: day date | UTC day
-- column: views bigint | how often
SELECT page, day, views FROM seen WHERE event_time >= :from AND event_time < :to
-- as it is
`,
)
