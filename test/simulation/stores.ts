import { resendRefused } from '../../shared/core/lake/resend.ts'
import type { LakeRows } from '../../shared/core/lane/fold.ts'
import type { LatestStore, ObjectStore, PaneStore, StoredObject } from '../../shared/core/lane/ports.ts'
import { type LatestChange, latestKey } from '../../shared/core/latest/change.ts'
import type { LaneItem } from '../../shared/core/metric/lane-item.ts'
import type { PaneItem } from '../../shared/core/metric/pane-item.ts'
import { laneCondition, latestCondition, paneCondition } from '../../shared/core/metric/put-condition.ts'
import { holds } from './condition.ts'
import type { Owner, Scheduler } from './scheduler.ts'

/** S3: strongly consistent, conditional writes, nothing more. It may answer 409 although nothing stands in the way. */
export class SimObjects {
  readonly objects = new Map<string, StoredObject>()
  /** After what was written or deleted, with its keys. */
  onChanged: (keys: readonly string[]) => void = () => {}
  #etags = 0
  readonly #refusal: () => boolean

  /** refusal: whether the next conditional write is refused for no reason, and has no effect. */
  constructor(refusal: () => boolean) {
    this.#refusal = refusal
  }

  port(owner: Owner, scheduler: Scheduler): ObjectStore {
    return {
      get: (key, knownEtag) =>
        scheduler.call(owner, `get ${key}`, () => {
          const found = this.objects.get(key)
          if (found === undefined) return 'missing'
          return found.etag === knownEtag ? 'unchanged' : found
        }),
      compareAndSet: (key, bytes, ifMatch) =>
        scheduler.call(owner, `compareAndSet ${key} if ${ifMatch}`, () => {
          const isRefused = this.#refusal()
          const isLost = (this.objects.get(key)?.etag ?? null) !== ifMatch
          if (isLost) scheduler.play('commit lost to another (412)')
          else if (isRefused) scheduler.play('commit refused for no reason (409)')
          if (isLost || isRefused) return 'conflict'
          return { etag: this.#set(key, bytes) }
        }),
      put: (key, bytes) =>
        scheduler.call(owner, `put ${key}`, () => {
          this.#set(key, bytes)
        }),
      delete: (keys) =>
        scheduler.call(owner, `delete ${keys.length} objects`, () => {
          for (const key of keys) this.objects.delete(key)
          this.onChanged(keys)
        }),
      list: (prefix) =>
        scheduler.call(owner, `list ${prefix}`, () => {
          scheduler.play('orphans looked for')
          return [...this.objects.keys()].filter((key) => key.startsWith(prefix))
        }),
    }
  }

  #set(key: string, bytes: Uint8Array): string {
    const etag = `"${++this.#etags}"`
    // Whoever wrote it may use its memory again.
    this.objects.set(key, { etag, bytes: Uint8Array.from(bytes) })
    this.onChanged([key])
    return etag
  }
}

/** Firehose and what it leaves in the lake: at least once, single records refused. */
export class SimLake {
  /** Every row that came, each text once. */
  readonly rows = { events: new Set<string>(), sessions: new Set<string>(), bad: new Set<string>() }

  readonly #refusal: () => boolean

  /** refusal: whether the next row is refused inside a successful answer. */
  constructor(refusal: () => boolean) {
    this.#refusal = refusal
  }

  port(owner: Owner, scheduler: Scheduler) {
    return {
      send: async (rows: LakeRows) => {
        await this.#deliver('events', rows.events, owner, scheduler)
        await this.#deliver('sessions', rows.sessions, owner, scheduler)
        await this.#deliver('bad', rows.bad, owner, scheduler)
      },
    }
  }

  async #deliver(
    table: keyof LakeRows,
    rows: readonly Buffer[],
    owner: Owner,
    scheduler: Scheduler,
  ): Promise<void> {
    await resendRefused(rows, {
      name: table,
      put: (waiting) =>
        scheduler.call(owner, `firehose ${table} ${waiting.length}`, () => {
          const refused: number[] = []
          for (const [place, line] of waiting.entries()) {
            const row = String(line)
            if (this.#refusal()) {
              scheduler.play('lake row refused')
              refused.push(place)
            } else if (this.rows[table].has(row)) scheduler.play('lake row sent again')
            else this.rows[table].add(row)
          }
          return { refused, reason: 'ServiceUnavailableException' }
        }),
      pause: async () => {},
    })
  }
}

/** DynamoDB: single items, conditional puts. */
export class SimTable {
  readonly panes = new Map<string, PaneItem>()
  readonly lanes = new Map<number, LaneItem>()
  readonly latest = new Map<string, LatestChange>()

  port(owner: Owner, scheduler: Scheduler): PaneStore {
    return {
      publish: async (items) => {
        await Promise.all(
          items.map((item) =>
            scheduler.call(owner, `publish ${item.pk} ${item.sk}`, () => this.#put(item, scheduler)),
          ),
        )
      },
      publishLane: (item) =>
        scheduler.call(owner, `publish lane ${item.lane} v${item.version}`, () => {
          const stored = this.lanes.get(item.lane)
          const attributes = stored && { pk: 'lanes', version: stored.version, clock: stored.clock }
          if (holds(laneCondition(item), attributes)) this.lanes.set(item.lane, item)
        }),
    }
  }

  latestPort(owner: Owner, scheduler: Scheduler): LatestStore {
    return {
      publish: async (changes) => {
        await Promise.all(
          changes.map((change) =>
            scheduler.call(owner, `publish ${latestKey(change)} ${change.order}`, () =>
              this.#putLatest(change),
            ),
          ),
        )
      },
    }
  }

  #putLatest(change: LatestChange): void {
    const stored = this.latest.get(latestKey(change))
    const attributes = stored && { pk: latestKey(stored), order: stored.order }
    if (holds(latestCondition(change), attributes)) this.latest.set(latestKey(change), change)
  }

  #put(item: PaneItem, scheduler: Scheduler): void {
    const key = `${item.pk} ${item.sk}`
    const stored = this.panes.get(key)
    const attributes = stored && { pk: stored.pk, version: stored.version }
    if (holds(paneCondition(item), attributes)) this.panes.set(key, item)
    if (stored !== undefined && stored.version > item.version)
      scheduler.play('stale item kept out of the table')
  }
}
