import { type ControlKeys, parseControlKeys } from '../../shared/core/event/control.ts'

/** Functions remember the parameter for a while; shorter here than in production. */
const keepMs = 15_000

/** What one container remembers of the parameter. */
export type KeyMemory = { text: string; untilMs: number }

export const noKeys = (): KeyMemory => ({ text: '', untilMs: 0 })

/** The parameter of the control key, rotated as docs/runbook.md says. */
export class SimKeys {
  static readonly old = 'old'
  static readonly new = 'new'
  /** When the old key stopped being one. */
  retiredMs = Number.POSITIVE_INFINITY
  #text = SimKeys.old
  #nextStepMs = Number.POSITIVE_INFINITY

  /** As a function reads it, at the start of an invocation. */
  read(memory: KeyMemory, nowMs: number): ControlKeys {
    if (nowMs >= memory.untilMs) {
      memory.text = this.#text
      memory.untilMs = nowMs + keepMs
    }
    return parseControlKeys(memory.text)
  }

  get isRotating(): boolean {
    return this.#text !== SimKeys.old
  }

  /** First every function is told the new key. */
  begin(nowMs: number): void {
    if (this.isRotating) return
    this.#text = `${SimKeys.old},${SimKeys.new}`
    this.#nextStepMs = nowMs + keepMs
  }

  /** Then it signs; true when it just became so. */
  switch(nowMs: number): boolean {
    if (nowMs < this.#nextStepMs) return false
    this.#text = `${SimKeys.new},${SimKeys.old}`
    this.#nextStepMs = Number.POSITIVE_INFINITY
    return true
  }

  /** Last, when nothing that the old key signed is still to be read, it is taken out. */
  retire(nowMs: number): void {
    this.#text = SimKeys.new
    this.retiredMs = nowMs
  }
}
