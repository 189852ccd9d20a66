import { setTimeout as sleep } from 'node:timers/promises'
import metrics from '../analytics/metrics.ts'
import { createPaneStore, type PaneStore } from '../shared/aws/dynamodb.ts'
import { getParameter } from '../shared/aws/parameters.ts'
import { parseControlKeys } from '../shared/core/event/control.ts'
import { parseArguments, positiveInteger } from './command-line/parse-arguments.ts'
import { runCommand } from './command-line/run-command.ts'
import { StatusLine } from './command-line/status-line.ts'
import { UserError } from './command-line/user-error.ts'
import { athenaLake } from './lake/athena-lake.ts'
import { lakeFolder, openLake } from './lake/duckdb-lake.ts'
import type { LakeReader } from './lake/lake-reader.ts'
import { athenaOf } from './query/ask.ts'
import { judge, type Verdict } from './reconcile/judge.ts'
import { daysOfLake, lakeCounts } from './reconcile/lake-counts.ts'
import { paneCounts } from './reconcile/pane-counts.ts'
import { accountJson, accountText } from './reconcile/report.ts'
import { enterStage, type Stage, stageNamed } from './stage/stage.ts'

const usage = `Checks that every event received is accounted for, exactly once.

What the lanes counted while events passed (account, sessions, metrics) must equal what lies in the lake:
received = accepted + quarantined + duplicate, where received is counted anew from the raw archive.
Prints the account by hour of arrival (UTC). Exits with 1 if it does not add up, and names the hour and the lane.

usage: npm run reconcile -- [options]
options:
  --json        prints the account as JSON, and nothing else on stdout
  --timeout S   how many seconds to wait for what is still on its way to the lake (default 30)
  --lake DIR    folder of the lake (default: WEIR_LAKE, or .weir/lake)
  --stage NAME  a stage on AWS, its lake read by Athena; with --lake it is a copy of it (aws s3 sync)
`

async function main(args: string[]): Promise<number> {
  const { values, positionals } = parseArguments(args, {
    json: { type: 'boolean', default: false },
    timeout: { type: 'string', default: '30' },
    lake: { type: 'string' },
    stage: { type: 'string' },
    help: { type: 'boolean', short: 'h' },
  })
  if (values.help) {
    process.stdout.write(usage)
    return 0
  }
  if (positionals.length > 0)
    throw new UserError(`reconcile takes options only, not ${JSON.stringify(positionals[0])}; see --help`)
  const timeoutMs = positiveInteger('timeout', values.timeout) * 1_000
  const stage = stageNamed(values.stage)
  await enterStage(stage)
  const readsFiles = values.lake !== undefined || values.stage === undefined
  const verdict = await settle(stage, {
    open: async () =>
      readsFiles ? openLake(values.lake ?? lakeFolder()) : athenaLake(await athenaOf(stage.name)),
    deadlineMs: Date.now() + timeoutMs,
  })
  process.stdout.write(values.json ? accountJson(verdict) : accountText(verdict))
  return verdict.isRight ? 0 : 1
}

const pollMs = 500

/** Compares until it adds up, or for as long as may be: rows wait in buffers for seconds. */
async function settle(
  stage: Stage,
  { open, deadlineMs }: { open(): Promise<LakeReader>; readonly deadlineMs: number },
): Promise<Verdict> {
  const store = createPaneStore({ tableName: stage.metricsTable })
  const controlKeys = parseControlKeys(await getParameter(stage.controlKeyParameter))
  const status = new StatusLine()
  let before: Awaited<ReturnType<typeof paneCounts>> | undefined
  try {
    while (true) {
      const lake = await open()
      try {
        before ??= await paneCounts(store, { metrics, days: await daysOfLake(lake) })
        const found = await lakeCounts(lake, { metrics, controlKeys, lanes: await laneCount(store) })
        const after = await paneCounts(store, { metrics, days: await daysOfLake(lake) })
        const panesWait = stage.name !== 'local'
        const verdict = judge({ before, lake: found, after }, { panesWait })
        if (verdict.isRight || Date.now() > deadlineMs) return verdict
      } finally {
        lake.close()
      }
      status.show('waiting for the lake to show what the lanes have counted')
      await sleep(pollMs)
    }
  } finally {
    status.clear()
  }
}

/** How many lanes the stage has; as long as none has published, whatever there is belongs to one. */
const laneCount = async (store: PaneStore): Promise<number> => (await store.lanes())[0]?.lanes ?? 1

await runCommand(main)
