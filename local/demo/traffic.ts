import { type Dispatch, dispatches, type WireMessage } from './faults.ts'
import { chance, pick, type Random, waitMs } from './random.ts'
import { visit } from './visit.ts'
import { newVisitor, type Visitor } from './visitor.ts'

export type TrafficOptions = {
  readonly random: Random
  readonly eventsPerSecond: number
  readonly startMs: number
}

export type Traffic = {
  /** Everything that leaves a client before `nowMs` and was not taken yet, in order of time. */
  takeDue(nowMs: number): WireMessage[]
}

/** Messages that a visit makes on average, duplicates included: what turns a rate of events into one of visits. */
export const meanMessagesPerVisit = 8.4

const returningShare = 0.15
const maxKnownVisitors = 500
/** A laptop that slept does not make up for the visits of the night. */
const longestCatchUpMs = 120_000

/** A shop full of visitors. Time and randomness come from outside: the same ones give the same traffic. */
export function createTraffic({ random, eventsPerSecond, startMs }: TrafficOptions): Traffic {
  const meanGapMs = (meanMessagesPerVisit / eventsPerSecond) * 1000
  const known: Visitor[] = []
  let waiting: Dispatch[] = []
  let nextVisitMs = startMs

  function whoComes(): Visitor {
    if (known.length > 0 && chance(random, returningShare)) return pick(random, known)
    const visitor = newVisitor(random)
    known.push(visitor)
    if (known.length > maxKnownVisitors) known.shift()
    return visitor
  }

  function letVisitorsIn(nowMs: number): void {
    nextVisitMs = Math.max(nextVisitMs, nowMs - longestCatchUpMs)
    while (nextVisitMs <= nowMs) {
      for (const { atMs, message } of visit(random, whoComes(), nextVisitMs)) {
        waiting.push(...dispatches(random, message, atMs))
      }
      nextVisitMs += waitMs(random, meanGapMs)
    }
  }

  return {
    takeDue(nowMs) {
      letVisitorsIn(nowMs)
      const due = waiting.filter(({ dueMs }) => dueMs <= nowMs)
      waiting = waiting.filter(({ dueMs }) => dueMs > nowMs)
      return due.sort((a, b) => a.dueMs - b.dueMs).map(({ message }) => message)
    },
  }
}
