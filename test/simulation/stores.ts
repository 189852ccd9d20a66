import { resendRefused } from '../../shared/core/lake/resend.ts'
import type { LakeRows } from '../../shared/core/lane/fold.ts'
import type { ObjectStore, PaneStore, StoredObject } from '../../shared/core/lane/ports.ts'
import type { LaneItem } from '../../shared/core/metric/lane-item.ts'
import type { PaneItem } from '../../shared/core/metric/pane-item.ts'
import type { Owner, Scheduler } from './scheduler.ts'

/** S3: strongly consistent, conditional writes, nothing more. */
export class SimObjects {
  readonly objects = new Map<string, StoredObject>()
  #etags = 0

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
          if ((this.objects.get(key)?.etag ?? null) !== ifMatch) return 'conflict'
          return { etag: this.#set(key, bytes) }
        }),
      put: (key, bytes) =>
        scheduler.call(owner, `put ${key}`, () => {
          this.#set(key, bytes)
        }),
      delete: (keys) =>
        scheduler.call(owner, `delete ${keys.length} objects`, () => {
          for (const key of keys) this.objects.delete(key)
        }),
      list: (prefix) =>
        scheduler.call(owner, `list ${prefix}`, () =>
          [...this.objects.keys()].filter((key) => key.startsWith(prefix)),
        ),
    }
  }

  #set(key: string, bytes: Uint8Array): string {
    const etag = `"${++this.#etags}"`
    this.objects.set(key, { etag, bytes })
    return etag
  }
}

/** Firehose and what it leaves in the lake: at least once, single records refused. */
export class SimLake {
  readonly rows: LakeRows = { events: [], sessions: [], bad: [] }

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
    rows: readonly string[],
    owner: Owner,
    scheduler: Scheduler,
  ): Promise<void> {
    await resendRefused(rows, {
      name: table,
      put: (waiting) =>
        scheduler.call(owner, `firehose ${table} ${waiting.length}`, () => {
          const refused: number[] = []
          for (const [place, row] of waiting.entries()) {
            if (this.#refusal()) refused.push(place)
            else this.rows[table].push(row)
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

  port(owner: Owner, scheduler: Scheduler): PaneStore {
    return {
      publish: async (items) => {
        await Promise.all(
          items.map((item) => scheduler.call(owner, `publish ${item.pk} ${item.sk}`, () => this.#put(item))),
        )
      },
      publishLane: (item) =>
        scheduler.call(owner, `publish lane ${item.lane} v${item.version}`, () => {
          const stored = this.lanes.get(item.lane)
          if (stored === undefined || isNewer(item, stored)) this.lanes.set(item.lane, item)
        }),
    }
  }

  #put(item: PaneItem): void {
    const key = `${item.pk} ${item.sk}`
    const stored = this.panes.get(key)
    if (stored === undefined || stored.version < item.version) this.panes.set(key, item)
  }
}

const isNewer = (item: LaneItem, stored: LaneItem): boolean =>
  stored.version < item.version ||
  (stored.version === item.version && (stored.clock ?? 0) < (item.clock ?? 0))
