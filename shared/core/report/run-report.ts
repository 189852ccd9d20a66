import { bindParameters, type NamedQuery } from '../lake/named-query.ts'
import type { ReportDefinition } from './definitions.ts'
import type { RunId } from './ledger.ts'
import { fillIn } from './placeholders.ts'
import type { ReportPorts } from './ports.ts'
import { type Made, makeResult, showResult } from './result.ts'

export type ReportRun = {
  readonly run: RunId
  readonly report: ReportDefinition
  readonly query: NamedQuery
  /** Tells attempts at a run apart; never used again. Small letters and digits. */
  readonly attempt: string
}

/**
 * Runs a report once, however often the run comes: an attempt writes into a place of its own, the ledger chooses one
 * attempt, and that alone is shown. Throws when the query fails or breaks its budget; the run comes again then.
 */
export const runReport = async (of: ReportRun, ports: ReportPorts): Promise<'done' | 'was done'> => {
  const { run, report } = of
  const known = await ports.ledger.get(run)
  if (known?.status === 'done') return 'was done'
  // Chosen and not done: an attempt died while it was shown.
  const chosen = known?.result ?? (await choose(run, await makeResult(of, boundSql(of), ports), ports))
  await showResult(chosen, { run, report }, ports)
  await ports.ledger.markDone(run)
  return 'done'
}

const choose = (run: RunId, { result, cost }: Made, { ledger }: ReportPorts) =>
  ledger.choose(run, result, cost)

const boundSql = ({ run, report, query }: ReportRun): string =>
  bindParameters(
    query,
    Object.fromEntries(
      Object.entries(report.parameters).map(([name, value]) => [name, fillIn(value, run.at)]),
    ),
  )
