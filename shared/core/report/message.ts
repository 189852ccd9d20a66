import type { RunId } from './ledger.ts'

/** What says in the queue that a run is to be made. */
export const runMessage = ({ report, at }: RunId): string =>
  JSON.stringify({ report, run: new Date(at).toISOString() })

/** undefined for what is no such message: it would come again and never be more. */
export const readRunMessage = (body: string): RunId | undefined => {
  try {
    const { report, run }: { report?: unknown; run?: unknown } = JSON.parse(body)
    const at = typeof run === 'string' ? Date.parse(run) : Number.NaN
    return typeof report === 'string' && Number.isFinite(at) ? { report, at } : undefined
  } catch {
    return undefined
  }
}
