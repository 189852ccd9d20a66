import { readdirSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import definitions from '../../analytics/metrics.ts'
import { plan } from '../../analytics/plan/plan.ts'
import { openLake } from '../../commands/lake/duckdb-lake.ts'
import { namedQueries } from '../../commands/query/named-query.ts'
import { startEndpoint } from '../../local/aws/endpoint.ts'
import { build } from '../../local/stack/build.ts'
import { createResources, foldersOf } from '../../local/stack/resources.ts'
import { createCompactionPorts } from '../../shared/aws/compaction-ports.ts'
import { compact } from '../../shared/core/lake/compaction/compact.ts'
import { bindParameters } from '../../shared/core/lake/named-query.ts'
import { lakeTables } from '../../shared/core/lake/tables.ts'
import { compileMetrics } from '../../shared/core/metric/compile.ts'
import { wholeNumber } from '../support/whole-number.ts'
import { fillLake } from './lake-rows.ts'

const help = `npm run bench:lake -- [options]

Fills a lake with generated events as Firehose leaves them, compacts it through the local Athena, and asks every named
query of it, each on a connection of its own: seconds and bytes read. Exits 1 when a query takes longer than it may,
or a day has more files than its bytes ask for.

  --events N      how many (default 10000000)
  --days N        over how many days (default 30)
  --folder DIR    where (default .weir/bench-lake); several GB
  --keep          takes the lake that is there, and only asks
  --help          this text
`

const projectDir = join(import.meta.dirname, '../..')
const dayMs = 86_400_000
const firstDayMs = Date.UTC(2026, 9, 1)
/** Of ten million events, on two cores that have nothing else to do. */
const maxMs = 8_000
const maxFunnelMs = 5_000
const maxFileBytes = 128 * 2 ** 20

const main = async (): Promise<number> => {
  const { values } = parseArgs({
    options: {
      events: { type: 'string', default: '10000000' },
      days: { type: 'string', default: '30' },
      folder: { type: 'string', default: '.weir/bench-lake' },
      keep: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) {
    process.stdout.write(help)
    return 0
  }
  const dataDir = resolve(values.folder)
  const days = wholeNumber(values.days, '--days')
  if (!values.keep) {
    const size = { events: wholeNumber(values.events, '--events'), days, firstDayMs }
    await report('filled', () => fillLake(join(dataDir, 'lake'), size))
    await report('compacted', () => compactLake(dataDir, days))
  }
  const tooMany = printFiles(join(dataDir, 'lake/events_daily'))
  const slow = await askAll(join(dataDir, 'lake'))
  return tooMany + slow === 0 ? 0 : 1
}

const report = async (what: string, run: () => Promise<unknown>): Promise<void> => {
  const began = performance.now()
  await run()
  console.log(`${what} in ${((performance.now() - began) / 1000).toFixed(1)} s`)
}

/** The compaction as the function runs it, night after night. */
const compactLake = async (dataDir: string, days: number): Promise<void> => {
  const { declaration } = await build({ projectDir, buildDir: join(projectDir, '.weir/build') })
  const endpoint = await startEndpoint({ port: 0, dataDir, buckets: foldersOf(declaration) })
  await createResources(endpoint, declaration)
  Object.assign(process.env, {
    AWS_ENDPOINT_URL: `http://127.0.0.1:${endpoint.port}`,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'bench',
    AWS_SECRET_ACCESS_KEY: 'local',
  })
  const names = { lakeBucket: 'weir-local-lake', metricsTable: 'weir-local-metrics' }
  const ports = createCompactionPorts({ ...names, workGroup: 'weir-local', database: 'weir_local' })
  const settings = { tables: lakeTables(plan), metrics: compileMetrics(definitions), unchecked: true }
  for (let night = 1; night <= days + 1; night++) {
    const now = () => firstDayMs + night * dayMs + dayMs / 12
    const { outcome, reason } = await compact(settings, { ...ports, now, isOutOfTime: () => false })
    if (outcome !== 'committed') throw new Error(`night ${night}: ${outcome} ${reason}`)
  }
  await endpoint.close()
}

/** Answers how many days have more files than their bytes ask for. */
const printFiles = (folder: string): number => {
  const parts = readdirSync(folder).filter((name) => name.startsWith('part='))
  let [files, bytes, tooMany] = [0, 0, 0]
  for (const part of parts) {
    const sizes = readdirSync(join(folder, part)).map((file) => statSync(join(folder, part, file)).size)
    const partBytes = sizes.reduce((sum, size) => sum + size, 0)
    files += sizes.length
    bytes += partBytes
    if (sizes.length > Math.ceil(partBytes / maxFileBytes)) tooMany++
  }
  console.log(
    `${parts.length} days, ${files} files, ${(bytes / 1e6).toFixed(0)} MB; ${tooMany} days with more files than ceil(bytes / 128 MiB)`,
  )
  return tooMany
}

/** Answers how many queries took longer than they may. */
const askAll = async (folder: string): Promise<number> => {
  let slow = 0
  const dailyBytes = bytesOfFolder(join(folder, 'events_daily'))
  console.log(`${'query'.padEnd(28)} seconds   MB read  share of events_daily`)
  for (const query of await namedQueries()) {
    const lake = await openLake(folder)
    const { rows, elapsedMs, scannedBytes } = await lake.query(bindParameters(query, {}))
    lake.close()
    const isSlow = elapsedMs > (query.name === 'funnel' ? maxFunnelMs : maxMs)
    if (isSlow) slow++
    const share = ((scannedBytes / dailyBytes) * 100).toFixed(1)
    console.log(
      `${query.name.padEnd(28)} ${(elapsedMs / 1000).toFixed(2).padStart(7)} ${(scannedBytes / 1e6).toFixed(1).padStart(9)}  ${share.padStart(5)} %  ${rows.length} rows${isSlow ? ', TOO SLOW' : ''}`,
    )
  }
  console.log(
    `${slow} queries took longer than they may: ${maxMs / 1000} s, the funnel ${maxFunnelMs / 1000} s`,
  )
  return slow
}

const bytesOfFolder = (folder: string): number =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, { parentPath, name }) => sum + statSync(join(parentPath, name)).size, 0)

process.exitCode = await main()
