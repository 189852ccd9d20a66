import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'

export interface ShardCheckpoint {
  /** The last record done with; null before the first. */
  readonly after: string | null
  /** The shard is closed and read to its end. */
  readonly finished: boolean
}

interface Stored {
  /** Tells this stream from an earlier one of its name. */
  readonly streamCreatedMs: number
  readonly shards: Record<string, ShardCheckpoint>
}

/** How far one mapping has come in each shard, kept in a file that is replaced as a whole. */
export class Checkpoints {
  readonly #file: string
  readonly #stored: Stored
  /** True when nothing was known: the mapping is new to this stream. */
  readonly isNew: boolean

  constructor(file: string, streamCreatedMs: number) {
    const known = readStored(file)
    this.#file = file
    this.isNew = known?.streamCreatedMs !== streamCreatedMs
    this.#stored = known && !this.isNew ? known : { streamCreatedMs, shards: {} }
  }

  get(shardId: string): ShardCheckpoint {
    return this.#stored.shards[shardId] ?? { after: null, finished: false }
  }

  set(shardId: string, checkpoint: ShardCheckpoint): void {
    this.#stored.shards[shardId] = checkpoint
    this.save()
  }

  save(): void {
    mkdirSync(dirname(this.#file), { recursive: true })
    const next = `${this.#file}.next`
    writeFileSync(next, JSON.stringify(this.#stored, null, 1))
    renameSync(next, this.#file)
  }
}

function readStored(file: string): Stored | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw new Error(`${file} does not read: remove it, and the mapping starts over`, { cause: error })
  }
}
