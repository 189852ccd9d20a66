import { publishEveryOf } from '../shared/core/lane/publishing.ts'
import { parseArguments, positiveInteger } from './command-line/parse-arguments.ts'
import { runCommand } from './command-line/run-command.ts'
import { StatusLine } from './command-line/status-line.ts'
import { UserError } from './command-line/user-error.ts'
import { measureBack } from './cost/back.ts'
import { billOf } from './cost/bill.ts'
import { declared, deployedOf } from './cost/deployed.ts'
import { measureFront } from './cost/front.ts'
import { monthlyUnits } from './cost/monthly-units.ts'
import { quantity } from './cost/quantity.ts'
import { reportText } from './cost/report.ts'
import { effort } from './cost/run.ts'
import { lanesFor, type Scenario, type Windows } from './cost/scenario.ts'

const usage = `Prices a month: runs the local stack for a while as the rate would have it, meters it, and multiplies.

usage: npm run cost -- [options]
options:
  --events-per-day N    10M (default), 1.7B, 250k
  --bytes N             of an event as a client sends it (default 1000)
  --window S            batching window of archive, enrich and aggregate in seconds
                        (default: what serverless.yml says for each)
  --lanes N             a power of two (default: what serverless.yml says, twice as many for each doubling above 300M
                        events a day)
  --publish NAME        sparingly or at-once (default: what serverless.yml says)
  --shards N            of the raw stream (default: what the rate needs, a fifth left free)
  --lane-shards N       of the lane stream (default: what the packs need)
  --retention H         hours that both streams keep records (default: what serverless.yml says)
  --events-per-record N events that a client puts into one Kinesis record (default 1)
  --gzip                clients zip their records
  --json                prints {"total": dollars a month, "terms": {…}}, and nothing else on stdout
example:
  npm run cost -- --events-per-day 10M --bytes 1000 --window 60
`

/** The longest batching window of Lambda. */
const maxWindowSeconds = 300

/** Throws one line for what could not be deployed. */
function check({ lanes, laneShards = 1, windows, publish }: Scenario): void {
  if (!Number.isInteger(Math.log2(lanes)) || lanes > 1024)
    throw new UserError(`--lanes takes a power of two up to 1024, not ${lanes}`)
  if (!Number.isInteger(Math.log2(laneShards)) || laneShards > lanes)
    throw new UserError(`--lane-shards takes a power of two up to the number of lanes, not ${laneShards}`)
  if (Math.max(...Object.values(windows)) > maxWindowSeconds)
    throw new UserError(`--window takes at most ${maxWindowSeconds} seconds, as Lambda does`)
  publishEveryOf(publish)
}

function windowsOf(text: string | undefined): Windows {
  if (text === undefined) return declared().windows
  const seconds = positiveInteger('window', text)
  return { archive: seconds, enrich: seconds, aggregate: seconds }
}

await runCommand(async (args) => {
  const { values, positionals } = parseArguments(args, {
    'events-per-day': { type: 'string', default: '10M' },
    bytes: { type: 'string', default: '1000' },
    window: { type: 'string' },
    lanes: { type: 'string' },
    publish: { type: 'string' },
    shards: { type: 'string' },
    'lane-shards': { type: 'string' },
    retention: { type: 'string' },
    'events-per-record': { type: 'string', default: '1' },
    gzip: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h' },
  })
  if (values.help) {
    process.stdout.write(usage)
    return 0
  }
  if (positionals.length > 0)
    throw new UserError(`cost takes options only, not ${JSON.stringify(positionals[0])}; see --help`)
  const optional = (name: 'lanes' | 'shards' | 'lane-shards' | 'retention') => {
    const text = values[name]
    return text === undefined ? undefined : positiveInteger(name, text)
  }
  const eventsPerDay = quantity('events-per-day', values['events-per-day'])
  const scenario: Scenario = {
    eventsPerDay,
    eventBytes: quantity('bytes', values.bytes),
    windows: windowsOf(values.window),
    lanes: optional('lanes') ?? lanesFor(eventsPerDay, declared().lanes),
    publish: values.publish ?? declared().publish,
    rawShards: optional('shards'),
    laneShards: optional('lane-shards'),
    eventsPerRecord: positiveInteger('events-per-record', values['events-per-record']),
    gzip: values.gzip,
  }
  check(scenario)
  const status = new StatusLine()
  try {
    const deployed = await deployedOf({ retentionHours: optional('retention') })
    status.show('a raw shard: archive and enrich')
    const front = await measureFront(scenario, effort)
    status.show('a lane shard: a morning, an hour, and the windows that are metered')
    const back = await measureBack(scenario, front, effort)
    status.clear()
    const units = monthlyUnits({ scenario, front, back }, deployed)
    const bill = billOf(units)
    process.stdout.write(
      values.json ? `${JSON.stringify(bill)}\n` : reportText({ scenario, front, back, units, bill }),
    )
  } finally {
    status.clear()
  }
  return 0
})
