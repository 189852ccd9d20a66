import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { DuckDBInstance } from '@duckdb/node-api'
import definitions from '../../../analytics/metrics.ts'
import type { Endpoint } from '../../../local/aws/endpoint.ts'
import { createPaneStore, type PaneStore } from '../../../shared/aws/dynamodb.ts'
import { compileMetrics } from '../../../shared/core/metric/compile.ts'
import { PaneCounter } from './pane-counter.ts'
import { type Arrival, eventRowOf, partitionAt, Stream } from './stream.ts'

const lanes = 8

/** Stage local behind an endpoint: what a stream in memory makes of arrivals is in its lake and in its panes. */
export class FilledStage {
  readonly endpoint: Endpoint
  readonly panes: PaneStore
  readonly stream = new Stream()
  readonly #counter = new PaneCounter(compileMetrics(definitions))
  readonly #client: DynamoDBClient
  #eventsShown = 0
  #sessionsShown = 0
  #version = 0

  constructor(endpoint: Endpoint) {
    this.endpoint = endpoint
    this.#client = new DynamoDBClient({
      endpoint: this.address,
      region: 'us-east-1',
      credentials: { accessKeyId: 'tester', secretAccessKey: 'local' },
    })
    this.panes = createPaneStore({ tableName: 'weir-local-metrics', client: this.#client })
  }

  get address(): string {
    return `http://127.0.0.1:${this.endpoint.port}`
  }

  /** Lets go of the endpoint, which waits for its callers when it closes. */
  leave(): void {
    this.#client.destroy()
  }

  /** Lets these arrive, and time pass until `now`: whatever closes by then is there. */
  async arrive(arrivals: readonly Arrival[], now: number): Promise<void> {
    for (const arrival of arrivals) {
      this.stream.add(arrival)
      this.#counter.accept(arrival.receivedAt)
    }
    this.stream.advance(now)
    const newEvents = this.stream.events.slice(this.#eventsShown)
    const newSessions = this.stream.closed.slice(this.#sessionsShown)
    this.#eventsShown += newEvents.length
    this.#sessionsShown += newSessions.length
    await this.#write(
      'events',
      newEvents.flatMap((event, place) => copies(eventRowOf(event), event.receivedAt, place)),
    )
    await this.#write(
      'sessions',
      newSessions.flatMap(({ row, closesAfter }, place) => copies(row, closesAfter, place)),
    )
    for (const session of newSessions) this.#counter.close(session)
    await this.panes.publish(this.#counter.take(now))
    const version = ++this.#version
    for (let lane = 0; lane < lanes; lane++)
      await this.panes.publishLane({ lane, lanes, version, clock: now, counters: {} })
  }

  /** As Firehose leaves them: a file for each hour. */
  async #write(table: string, rows: readonly Readonly<Record<string, unknown>>[]): Promise<void> {
    if (rows.length === 0) return
    const folder = mkdtempSync(join(tmpdir(), 'weir-rows-'))
    const json = join(folder, 'rows.json')
    writeFileSync(json, rows.map((row) => JSON.stringify(row)).join('\n'))
    const names = [...new Set(rows.flatMap((row) => Object.keys(row)))]
    const columns = names.map((name) => `'${name}': '${duckdbTypeOf(name)}'`).join(', ')
    const instance = await DuckDBInstance.create(':memory:')
    const connection = await instance.connect()
    await connection.run(`COPY (FROM read_json('${json}', format = 'newline_delimited', columns = {${columns}}))
      TO '${join(folder, 'out')}' (FORMAT parquet, PARTITION_BY (dt, hour))`)
    connection.closeSync()
    instance.closeSync()
    for (const file of readdirSync(join(folder, 'out'), { recursive: true, encoding: 'utf8' }))
      if (file.endsWith('.parquet')) {
        const key = `${table}/${file.replace(/[^/]+$/, `${this.#version}.parquet`)}`
        await this.endpoint.s3.putObject('weir-local-lake', key, readFileSync(join(folder, 'out', file)))
      }
    rmSync(folder, { recursive: true })
  }
}

const timestamps = ['event_time', 'received_at', 'started_at', 'ended_at', 'last_arrival']
const numbers = ['duration_ms', 'events', 'page_views']
const flags = ['is_bot', 'bounced', 'engaged', 'late']

const duckdbTypeOf = (name: string): string => {
  if (timestamps.includes(name)) return 'TIMESTAMP'
  if (numbers.includes(name)) return 'BIGINT'
  if (name === 'revenue' || name === 'properties_revenue') return 'DOUBLE'
  if (flags.includes(name)) return 'BOOLEAN'
  return name === 'absorbed_ids' ? 'VARCHAR[]' : 'VARCHAR'
}

/** One in ten rows was sent twice, and delivered some minutes apart. */
const copies = (
  row: Readonly<Record<string, unknown>>,
  sentAt: number,
  place: number,
): Record<string, unknown>[] => {
  const copyAt = (minutes: number) => ({ ...row, ...partitionAt(sentAt + minutes * 60_000) })
  return place % 10 === 0 ? [copyAt(1), copyAt(16)] : [copyAt(place % 15)]
}
