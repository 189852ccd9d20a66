import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { SenderLine } from './kill-sender.ts'

const projectDir = join(import.meta.dirname, '../..')

/** The second process, and what it says of what it sent. */
export class Sender {
  readonly attempted = new Set<string>()
  readonly acknowledged = new Set<string>()
  /** With the events that were sent twice. */
  acknowledgedCopies = 0
  #attemptedCopies = 0
  readonly #child: ChildProcess
  readonly #exited: Promise<unknown>
  #onAcknowledged: (() => void)[] = []

  constructor(args: readonly string[], environment: NodeJS.ProcessEnv) {
    const child = spawn(process.execPath, ['test/support/kill-sender.ts', ...args], {
      cwd: projectDir,
      env: environment,
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    this.#child = child
    createInterface({ input: child.stdout }).on('line', (line) => this.#hear(JSON.parse(line)))
    // Not 'exit': by then its last lines may be unread.
    this.#exited = once(child, 'close')
  }

  get unansweredCopies(): number {
    return this.#attemptedCopies - this.acknowledgedCopies
  }

  nextAcknowledgement(): Promise<void> {
    return new Promise((resolve) => this.#onAcknowledged.push(resolve))
  }

  /** Lets it end what it has begun. */
  async end(): Promise<void> {
    this.#child.stdin?.end()
    await this.#exited
    if (this.#child.exitCode !== 0) throw new Error(`the sender ended with ${this.#child.exitCode}`)
  }

  kill(): void {
    this.#child.kill('SIGKILL')
  }

  #hear(line: SenderLine): void {
    if ('attempted' in line) {
      for (const mark of line.attempted) this.attempted.add(mark)
      this.#attemptedCopies += line.attempted.length
      return
    }
    for (const mark of line.acknowledged) this.acknowledged.add(mark)
    this.acknowledgedCopies += line.acknowledged.length
    for (const resolve of this.#onAcknowledged.splice(0)) resolve()
  }
}
