// Load from a process of its own, for tests that kill the stack: `node kill-sender.ts SEED LAST_MS`. Sends until its
// stdin ends. Writes what it is about to put, and what was acknowledged, as lines of JSON.
import { setTimeout as sleep } from 'node:timers/promises'
import { chance, seeded } from '../../local/demo/random.ts'
import { createRecordWriter } from '../../shared/aws/kinesis.ts'
import { KillLoad, type LoadRecord } from './kill-load.ts'

/** Marks of the records of one put. */
export type SenderLine =
  | { readonly attempted: readonly string[] }
  | { readonly acknowledged: readonly string[] }

const [seed = '1', lastMs = '0'] = process.argv.slice(2)
const load = new KillLoad(Number(seed), Number(lastMs))
const random = seeded(Number(seed) + 1)
const writer = createRecordWriter({ streamName: 'weir-local-raw' })
let isEnding = false
process.stdin.on('end', () => {
  isEnding = true
})
process.stdin.resume()

const write = (line: SenderLine) => process.stdout.write(`${JSON.stringify(line)}\n`)
const pauseMs = 200

async function send(): Promise<void> {
  while (!isEnding) {
    const records = load.records(10)
    const marks = records.flatMap((record) => record.marks)
    write({ attempted: marks })
    if (await isPut(records)) write({ acknowledged: marks })
    await sleep(pauseMs)
  }
}

/** Puts again what failed, but gives up now and then, as clients do: then it may be in the stream or not. */
async function isPut(records: readonly LoadRecord[]): Promise<boolean> {
  while (true) {
    try {
      await writer.put(records.map(({ record }) => record))
      return true
    } catch {
      if (chance(random, 0.2)) return false
      await sleep(pauseMs)
    }
  }
}

// Three at a time, so that puts overtake each other.
await Promise.all([send(), send(), send()])
