import type { NamedQuery } from '../lake/named-query.ts'
import type { ReportDefinition } from './definitions.ts'
import { readRunMessage } from './message.ts'
import type { ReportPorts } from './ports.ts'
import { runReport } from './run-report.ts'

export type Answered = {
  readonly outcome: 'done' | 'was done' | 'dropped'
  readonly report: string
  /** Why it was dropped; '' when it was not. */
  readonly reason: string
}

const maxReasonLength = 500

/**
 * Runs what a message of the queue asks for. What can never be run is dropped: of a report that is no more, or no
 * message at all. Of what fails the ledger keeps why, and it throws.
 */
export const answerMessage = async (
  message: { readonly body: string; readonly attempt: string },
  reports: readonly ReportDefinition[],
  ports: ReportPorts & { readQuery(name: string): NamedQuery },
): Promise<Answered> => {
  const run = readRunMessage(message.body)
  if (run === undefined) return { outcome: 'dropped', report: '', reason: 'no message of a run' }
  const report = reports.find(({ name }) => name === run.report)
  if (report === undefined) {
    const reason = 'there is no report of this name any more'
    await ports.ledger.markFailed(run, reason)
    return { outcome: 'dropped', report: run.report, reason }
  }
  try {
    const query = ports.readQuery(report.query)
    const outcome = await runReport({ run, report, query, attempt: message.attempt }, ports)
    return { outcome, report: report.name, reason: '' }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    await ports.ledger.markFailed(run, reason.slice(0, maxReasonLength))
    throw error
  }
}
