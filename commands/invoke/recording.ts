import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { UserError } from '../command-line/user-error.ts'

export type Recording = {
  readonly endpoint: string
  /** Ends it. Returns when every write was heard of. */
  end(): Promise<void>
}

const maxStartMs = 30_000

/** Starts an empty AWS endpoint in a process of its own; `onWrite` hears each write to it as a line of JSON. */
export async function startRecording(onWrite: (line: string) => void): Promise<Recording> {
  const child = spawn(process.execPath, [join(import.meta.dirname, '../../local/record.ts')], {
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  let complaint = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint += text
  })
  const closed = once(child, 'close')
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const timer = setTimeout(() => child.kill(), maxStartMs)
  const first = await lines.next()
  clearTimeout(timer)
  if (first.done)
    throw new UserError(`no endpoint to record: ${lastLine(complaint) || 'it did not start in time'}`)
  const { endpoint }: { endpoint: string } = JSON.parse(first.value)
  const heard = (async () => {
    for (let line = await lines.next(); !line.done; line = await lines.next()) onWrite(line.value)
  })()
  return {
    endpoint,
    async end() {
      child.stdin.end()
      await heard
      await closed
    },
  }
}

const lastLine = (text: string): string =>
  text
    .trim()
    .split('\n')
    .findLast((line) => line.trim() !== '') ?? ''
