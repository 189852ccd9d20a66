import type { CompactionPorts } from '../../../shared/core/lake/compaction/ports.ts'
import type { Table, TableName } from '../../../shared/core/lake/tables.ts'
import { tables as allTables } from '../../../shared/core/lake/tables.ts'
import { lakeViews } from '../../../shared/core/lake/views.ts'
import type { StoredObject } from '../../../shared/core/lane/ports.ts'
import { compileMetrics } from '../../../shared/core/metric/compile.ts'
import { count, defineMetrics, quantiles, sessions, sum } from '../../../shared/core/metric/definitions.ts'
import type { PaneItem } from '../../../shared/core/metric/pane-item.ts'
import { MemoryAthena } from './memory-athena.ts'
import { PaneCounter } from './pane-counter.ts'
import type { Arrival } from './stream.ts'
import { eventRowOf, partitionAt, Stream } from './stream.ts'
import { randomOf } from './workload.ts'

export const lakeMetrics = defineMetrics({
  visits: count({ of: sessions(), every: ['1h', '1d'], by: ['channel'] }),
  money: sum({ of: sessions(), field: 'revenue', every: ['1d'] }),
  lengths: quantiles({ of: sessions(), field: 'duration_ms', every: ['1d'] }),
})
export const compiledMetrics = compileMetrics(lakeMetrics)

const minuteMs = 60_000

/** The tables with the columns that the tests fill; fewer make DuckDB quicker. */
const narrow = (table: Table): Table => ({
  ...table,
  columns: table.columns.filter(
    ({ name }) =>
      !/^(sent_at|original_|page_[uhqt]|click|user_agent|os_|browser_|locale|timezone|library|group|previous|traits|context|flags)/.test(
        name,
      ),
  ),
})
const { events, sessions: sessionsTable, events_daily, sessions_daily, persons } = allTables
export const lakeTestTables: Readonly<Record<TableName, Table>> = {
  ...allTables,
  events: narrow(events),
  events_daily: narrow(events_daily),
}

/** A stage in memory: arrivals go through a stream into the lake, some rows twice, and panes are counted. */
export class MemoryLake {
  readonly athena: MemoryAthena
  readonly stream = new Stream()
  readonly objects = new Map<string, StoredObject>()
  readonly panes = new Map<string, PaneItem>()
  readonly #counter = new PaneCounter(compiledMetrics)
  readonly #random: () => number
  #etags = 0
  #eventsShown = 0
  #sessionsShown = 0
  now = 0

  private constructor(athena: MemoryAthena, seed: number) {
    this.athena = athena
    this.#random = randomOf(seed)
  }

  static async open(seed = 1): Promise<MemoryLake> {
    const athena = await MemoryAthena.open([
      lakeTestTables.events,
      sessionsTable,
      lakeTestTables.events_daily,
      sessions_daily,
      persons,
    ])
    for (const [name, sql] of Object.entries(lakeViews(lakeTestTables)))
      await athena.run(`CREATE OR REPLACE VIEW ${name} AS ${sql}`)
    return new MemoryLake(athena, seed)
  }

  /** Lets these arrive, and time pass until `now`: whatever closes by then is in the lake. */
  async arrive(arrivals: readonly Arrival[], now: number): Promise<void> {
    for (const arrival of arrivals) {
      this.stream.add(arrival)
      this.#counter.accept(arrival.receivedAt)
    }
    this.stream.advance(now)
    this.now = now
    const newEvents = this.stream.events.slice(this.#eventsShown)
    this.#eventsShown = this.stream.events.length
    const newSessions = this.stream.closed.slice(this.#sessionsShown)
    this.#sessionsShown = this.stream.closed.length
    await this.athena.insert(
      'events',
      newEvents.flatMap((event) => this.#copies(eventRowOf(event), event.receivedAt)),
    )
    await this.athena.insert(
      'sessions',
      newSessions.flatMap(({ row, closesAfter }) => this.#copies(row, closesAfter)),
    )
    for (const session of newSessions) this.#counter.close(session)
    for (const item of this.#counter.take(now)) this.panes.set(`${item.pk} ${item.sk}`, item)
  }

  /** One in ten rows was sent twice, and delivered some minutes apart. */
  #copies(row: Readonly<Record<string, unknown>>, sentAt: number): Record<string, unknown>[] {
    const copy = () => ({ ...row, ...partitionAt(sentAt + this.#random() * 20 * minuteMs) })
    return this.#random() < 0.1 ? [copy(), copy()] : [copy()]
  }

  /** Ports of a run; each run says how it is called. */
  ports(of: Partial<CompactionPorts> = {}): CompactionPorts {
    return {
      sql: this.athena,
      bucket: 'lake',
      objects: {
        get: async (key) => this.objects.get(key) ?? 'missing',
        compareAndSet: async (key, bytes, ifMatch) => {
          if ((this.objects.get(key)?.etag ?? null) !== ifMatch) return 'conflict'
          return this.#put(key, bytes)
        },
        put: async (key, bytes) => {
          this.#put(key, bytes)
        },
        delete: async (keys) => {
          for (const key of keys) {
            this.objects.delete(key)
            await this.athena.deleteKey(key)
          }
        },
        list: async (prefix) =>
          [...this.objects.keys(), ...this.athena.keys()].filter((key) => key.startsWith(prefix)),
        sizeOf: async (prefix) => {
          const files = this.athena.keys().filter((key) => key.startsWith(prefix)).length
          return { files, bytes: files * 1_000 }
        },
      },
      panes: {
        publish: async (items) => {
          for (const item of items) {
            const key = `${item.pk} ${item.sk}`
            if ((this.panes.get(key)?.version ?? -1) < item.version) this.panes.set(key, item)
          }
        },
        queryPanes: async ({ metric, grain, fromMs, toMs }) =>
          [...this.panes.values()].filter(
            ({ pk, windowStart }) =>
              pk.startsWith(`${metric}#${grain}#`) && windowStart >= fromMs && windowStart < toMs,
          ),
        lanes: async () => [{ lane: 0, lanes: 1, version: 1, clock: this.now, counters: {} }],
      },
      now: () => this.now,
      chance: () =>
        Math.floor(this.#random() * 36 ** 4)
          .toString(36)
          .padStart(4, '0'),
      isOutOfTime: () => false,
      ...of,
    }
  }

  #put(key: string, bytes: Uint8Array): { etag: string } {
    const etag = `"${++this.#etags}"`
    this.objects.set(key, { etag, bytes })
    return { etag }
  }
}
