import { randomUUID } from 'node:crypto'
import { mkdirSync, readdirSync } from 'node:fs'
import { unlink } from 'node:fs/promises'
import { join } from 'node:path'
import type { S3 } from '../s3/s3.ts'
import { BufferFile } from './buffer-file.ts'
import { type Destination, deliver } from './delivery.ts'
import type { ParquetConverter } from './parquet.ts'

const firstRetryMs = 1000
const longestRetryMs = 30_000

/** Files are named `<arrival of the first record>_<id>.buffer`: all that a delivery needs to know after a restart. */
type Pending = { path: string; id: string; arrivalMs: number; attempt: number }

export type DeliveryStreamOptions = {
  folder: string
  s3: S3
  converter: ParquetConverter
  onTaken?(stream: Destination, records: readonly Buffer[]): void
}

/**
 * One delivery stream: a buffer file that takes records, and full ones on their way to S3, oldest first. A buffer is
 * deleted once it is delivered and tried again until then.
 */
export class DeliveryStream {
  readonly destination: Destination
  readonly createdMs = Date.now()
  readonly #o: DeliveryStreamOptions
  readonly #pending: Pending[]
  #active: { file: BufferFile; pending: Pending; timer: NodeJS.Timeout } | undefined
  #delivering: Promise<void> | undefined
  #retry: NodeJS.Timeout | undefined
  #isClosed = false

  constructor(destination: Destination, o: DeliveryStreamOptions) {
    this.destination = destination
    this.#o = o
    mkdirSync(o.folder, { recursive: true })
    const names = readdirSync(o.folder).filter((name) => name.endsWith('.buffer'))
    this.#pending = names.sort().map((name) => {
      const [arrivalMs, id] = name.slice(0, -'.buffer'.length).split('_')
      return { path: join(o.folder, name), id: id ?? '', arrivalMs: Number(arrivalMs), attempt: 0 }
    })
    if (this.#pending.length > 0) this.#deliverSoon()
  }

  /** On disk when it returns. */
  append(records: readonly Buffer[]): void {
    if (records.length === 0) return
    const nowMs = Date.now()
    this.#active ??= this.#begin(nowMs)
    const { file } = this.#active
    file.append(records, nowMs)
    this.#o.onTaken?.(this.destination, records)
    if (file.dataBytes >= this.destination.maxBufferBytes) this.#deliverSoon()
  }

  /** Everything taken so far is delivered when it resolves; rejects if that fails, and goes on trying. */
  async flush(): Promise<void> {
    this.#seal()
    await this.#deliverAll()
  }

  async close(): Promise<void> {
    try {
      await this.flush()
    } finally {
      this.#isClosed = true
      clearTimeout(this.#retry)
    }
  }

  #begin(nowMs: number) {
    const id = randomUUID()
    const path = join(this.#o.folder, `${String(nowMs).padStart(14, '0')}_${id}.buffer`)
    const pending = { path, id, arrivalMs: nowMs, attempt: 0 }
    const timer = setTimeout(() => this.#deliverSoon(), this.destination.intervalMs)
    return { file: new BufferFile(path), pending, timer }
  }

  /** No record joins the buffer after this. */
  #seal(): void {
    if (!this.#active) return
    clearTimeout(this.#active.timer)
    this.#active.file.close()
    this.#pending.push(this.#active.pending)
    this.#active = undefined
  }

  #deliverSoon(): void {
    this.#seal()
    this.#deliverAll().catch((error) => {
      const attempts = this.#pending[0]?.attempt ?? 1
      const retryMs = Math.min(longestRetryMs, firstRetryMs * 2 ** (attempts - 1))
      console.error(`delivery stream ${this.destination.name}: ${error}; trying again in ${retryMs / 1000} s`)
      clearTimeout(this.#retry)
      if (!this.#isClosed) this.#retry = setTimeout(() => this.#deliverSoon(), retryMs)
    })
  }

  /** One delivery at a time; a caller that comes meanwhile waits for its own share, too. */
  async #deliverAll(): Promise<void> {
    while (this.#pending.length > 0) {
      this.#delivering ??= this.#deliverOldest().finally(() => {
        this.#delivering = undefined
      })
      await this.#delivering
    }
  }

  async #deliverOldest(): Promise<void> {
    const oldest = this.#pending[0]
    if (!oldest) return
    oldest.attempt++
    await deliver({ ...this.#o, ...oldest, bufferPath: oldest.path, destination: this.destination })
    await unlink(oldest.path)
    this.#pending.shift()
  }
}
