import type { LaneBatch, LaneContext, LaneInput } from '../../shared/core/lane/commit.ts'
import type { LakeRows, LaneSettings } from '../../shared/core/lane/fold.ts'
import type { LanePack } from '../../shared/core/lane/pack.ts'
import type { StoredObject } from '../../shared/core/lane/ports.ts'
import { type LatestChange, latestKey } from '../../shared/core/latest/change.ts'
import type { LaneItem } from '../../shared/core/metric/lane-item.ts'
import type { PaneItem } from '../../shared/core/metric/pane-item.ts'
import { dawn, laneSettings, sequence } from './lane-events.ts'

/** Hook into one call: throwing before it is a call that failed, throwing after it an answer that was lost. */
export type Fault = (effect: string) => void

/** What a lane works on, in memory, with every effect in one ordered list. */
export class LaneWorld {
  readonly effects: string[] = []
  readonly objects = new Map<string, StoredObject>()
  readonly rows: LakeRows = { events: [], sessions: [], bad: [] }
  readonly panes = new Map<string, PaneItem>()
  readonly lanes: LaneItem[] = []
  readonly latest = new Map<string, LatestChange>()
  beforeCall: Fault = () => {}
  afterCall: Fault = () => {}
  #etags = 0

  readonly #settings: LaneSettings

  constructor(settings: LaneSettings = laneSettings) {
    this.#settings = settings
  }

  context(of: Partial<LaneContext> = {}): LaneContext {
    return {
      lanes: 1,
      settings: this.#settings,
      sessionMetrics: { sessionDescriptors: [], measureSession: () => [] },
      cache: new Map(),
      isOutOfTime: () => false,
      objects: {
        get: (key, known) =>
          this.#call(`get ${short(key)}`, () => {
            const found = this.objects.get(key)
            if (found === undefined) return 'missing'
            return found.etag === known ? 'unchanged' : found
          }),
        compareAndSet: (key, bytes, ifMatch) =>
          this.#call(`commit ${short(key)}`, () => {
            if ((this.objects.get(key)?.etag ?? null) !== ifMatch) return 'conflict'
            return this.#put(key, bytes)
          }),
        put: (key, bytes) =>
          this.#call(`put ${short(key)}`, () => {
            this.#put(key, bytes)
          }),
        delete: (keys) =>
          this.#call(`delete ${keys.length}`, () => {
            for (const key of keys) this.objects.delete(key)
          }),
        list: (prefix) =>
          this.#call('list', () => [...this.objects.keys()].filter((key) => key.startsWith(prefix))),
      },
      lake: {
        send: (rows) =>
          this.#call(`rows ${rows.events.length}+${rows.sessions.length}+${rows.bad.length}`, () => {
            // Copies: rows are gone when the call returns.
            for (const table of ['events', 'sessions', 'bad'] as const)
              this.rows[table].push(...rows[table].map((row) => Buffer.from(row)))
          }),
      },
      panes: {
        publish: (items) =>
          this.#call(`panes ${items.length}`, () => {
            for (const item of items) this.#publish(item)
          }),
        publishLane: (item) =>
          this.#call(`lane v${item.version}`, () => {
            this.lanes.push(item)
          }),
      },
      latest: {
        publish: (changes) =>
          this.#call(`latest ${changes.length}`, () => {
            for (const change of changes) this.#publishLatest(change)
          }),
      },
      ...of,
    }
  }

  takeEffects(): string[] {
    return this.effects.splice(0)
  }

  /** Sum of a count metric over every pane published. */
  total(metric: string): number {
    let total = 0
    for (const item of this.panes.values())
      if (item.pk.startsWith(`${metric}#1m#`))
        for (const cell of item.cells?.values() ?? []) total += Number(cell)
    return total
  }

  #put(key: string, bytes: Uint8Array): { etag: string } {
    const etag = `"${++this.#etags}"`
    // Whoever wrote it may use its memory again.
    this.objects.set(key, { etag, bytes: Uint8Array.from(bytes) })
    return { etag }
  }

  #publish(item: PaneItem): void {
    const key = `${item.pk} ${item.sk}`
    const stored = this.panes.get(key)
    if (stored === undefined || stored.version < item.version) this.panes.set(key, item)
  }

  #publishLatest(change: LatestChange): void {
    const stored = this.latest.get(latestKey(change))
    if (stored === undefined || stored.order < change.order) this.latest.set(latestKey(change), change)
  }

  async #call<Answer>(effect: string, run: () => Answer): Promise<Answer> {
    this.beforeCall(effect)
    this.effects.push(effect)
    const answer = run()
    this.afterCall(effect)
    return answer
  }
}

const short = (key: string): string => (key.endsWith('manifest.json') ? 'manifest' : 'segment')

export const laneShard = '1/shardId-000000000000'

export const input = (n: number, pack: LanePack, arrivalMs = dawn): LaneInput => ({
  sequenceNumber: sequence(n),
  arrivalMs,
  pack,
})

export const laneBatch = (...inputs: readonly LaneInput[]): LaneBatch => ({ lane: 0, laneShard, inputs })
