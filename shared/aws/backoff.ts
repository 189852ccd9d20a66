import { setTimeout as sleep } from 'node:timers/promises'

const firstPauseMs = 50
const longestPauseMs = 2_000

/** Waits before attempt number `attempt + 1`: doubling, with half of it left to chance so that senders spread out. */
export async function pause(attempt: number, signal?: AbortSignal): Promise<void> {
  const fullMs = Math.min(firstPauseMs * 2 ** (attempt - 1), longestPauseMs)
  await sleep(fullMs * (0.5 + Math.random() / 2), undefined, signal ? { signal } : {})
}
