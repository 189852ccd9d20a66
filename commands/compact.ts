import metrics from '../analytics/metrics.ts'
import { plan } from '../analytics/plan/plan.ts'
import { createCompactionPorts } from '../shared/aws/compaction-ports.ts'
import { type CompactionResult, compact } from '../shared/core/lake/compaction/compact.ts'
import { lakeTables } from '../shared/core/lake/tables.ts'
import { compileMetrics } from '../shared/core/metric/compile.ts'
import { parseArguments } from './command-line/parse-arguments.ts'
import { runCommand } from './command-line/run-command.ts'
import { UserError } from './command-line/user-error.ts'
import { enterStage, stageNamed } from './stage/stage.ts'

const usage = `Rewrites the closed days of the lake into the daily tables, now: what the function compact does each night.

usage: npm run compact -- [options]
options:
  --from-scratch  writes all of history anew, out of the streaming tables
  --unchecked     takes the lake as it is, without asking the lanes whether all is there: for files put there by hand
  --bucket NAME   bucket of the lake (default weir-STAGE-lake; on AWS its name ends in the account)
  --stage NAME    a stage on AWS (default: the local stack)
  --json          prints the outcome as JSON, and nothing else on stdout
`

await runCommand(async (args) => {
  const { values, positionals } = parseArguments(args, {
    'from-scratch': { type: 'boolean', default: false },
    unchecked: { type: 'boolean', default: false },
    bucket: { type: 'string' },
    stage: { type: 'string' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h' },
  })
  if (values.help) {
    process.stdout.write(usage)
    return 0
  }
  if (positionals.length > 0)
    throw new UserError(`compact takes options only, not ${JSON.stringify(positionals[0])}; see --help`)
  const stage = stageNamed(values.stage)
  if (!stage.isLocal && values.bucket === undefined)
    throw new UserError(`--stage ${stage.name} needs --bucket NAME: weir-${stage.name}-lake-ACCOUNT`)
  await enterStage(stage)
  const { metricsTable, database } = stage
  const workGroup = `${stage.workGroup}-compact`
  const lakeBucket = values.bucket ?? `weir-${stage.name}-lake`
  const result = await compact(
    {
      tables: lakeTables(plan),
      metrics: compileMetrics(metrics),
      fromScratch: values['from-scratch'],
      unchecked: values.unchecked,
    },
    {
      ...createCompactionPorts({ lakeBucket, metricsTable, workGroup, database }),
      isOutOfTime: () => false,
    },
  )
  process.stdout.write(values.json ? `${JSON.stringify(result, null, 2)}\n` : told(result))
  return result.outcome === 'committed' || result.outcome === 'up to date' ? 0 : 1
})

function told(result: CompactionResult): string {
  const { outcome, reason, through, missing, difference, partsWritten } = result
  const until = through === 0 ? 'nothing is compacted' : `compacted to ${new Date(through).toISOString()}`
  const lines = [
    `${outcome}${reason === '' ? '' : `: ${reason}`} (${until})`,
    ...(outcome === 'committed'
      ? [`${partsWritten} parts written, ${difference} sessions differ from the stream's`]
      : []),
    ...(missing > 0 ? [`${missing} rows that were counted are not in the lake`] : []),
  ]
  return `${lines.join('\n')}\n`
}
