import { runMessage } from '../core/report/message.ts'
import type { PlanPorts } from '../core/report/plan-runs.ts'
import type { ReportPorts } from '../core/report/ports.ts'
import { createAthena } from './athena.ts'
import { createPaneStore } from './dynamodb.ts'
import { createReportLedger } from './report-ledger.ts'
import { createObjectStore } from './s3.ts'
import { createMessageSender } from './sqs.ts'

/** The world of what plans runs, by the names that a function finds in its environment. */
export const createPlanPorts = (names: {
  readonly reportsTable: string
  readonly metricsTable: string
  readonly queueUrl: string
}): PlanPorts => {
  const sender = createMessageSender({ queueUrl: names.queueUrl })
  return {
    ledger: createReportLedger({ tableName: names.reportsTable }),
    lanes: () => createPaneStore({ tableName: names.metricsTable }).lanes(),
    queue: { send: (runs) => sender.send(runs.map((run) => ({ body: runMessage(run) }))) },
  }
}

/** The world of a run, but for where its metrics go. */
export const createReportPorts = (names: {
  readonly reportsTable: string
  readonly lakeBucket: string
  readonly workGroup: string
  readonly database: string
}): Omit<ReportPorts, 'emit'> => {
  const objects = createObjectStore(names.lakeBucket)
  return {
    ledger: createReportLedger({ tableName: names.reportsTable }),
    sql: createAthena(names),
    bucket: names.lakeBucket,
    files: {
      ...objects,
      putOnce: async (key, bytes) => {
        await objects.compareAndSet(key, bytes, null)
      },
    },
  }
}
