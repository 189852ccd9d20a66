import { stat } from 'node:fs/promises'
import { basename } from 'node:path'
import { SingleBar } from 'cli-progress'
import { listShards } from '../shared/aws/kinesis.ts'
import { parseArguments, positiveInteger } from './command-line/parse-arguments.ts'
import { runCommand } from './command-line/run-command.ts'
import { StatusLine } from './command-line/status-line.ts'
import { UserError } from './command-line/user-error.ts'
import { lakeFolder } from './lake/duckdb-lake.ts'
import { putFlush, waitForLake, waitForLanes } from './send/flush.ts'
import type { Format } from './send/line-reader.ts'
import { type Sent, sendFile } from './send/send-file.ts'
import { enterStage, type Stage, stageNamed } from './stage/stage.ts'

const usage = `Sends a file to the raw stream, line by line: NDJSON of Segment events, or an access log.

usage: npm run send -- FILE [options]
options:
  --format F    ndjson, combined (access log), or auto, which looks at the first lines (default)
  --flush       then closes all sessions and windows, and waits until they are in the lake;
                without FILE does only that
  --timeout S   how many seconds --flush waits at most (default 120)
  --stage NAME  a stage on AWS (default: local, the stack of npm start)
A FILE that ends in .gz is unzipped. A line that is not understood is sent as it is.
examples:
  npm run send -- access.log --flush
  npm run send -- events.ndjson.gz --stage prod
`

const formats: readonly (Format | 'auto')[] = ['auto', 'ndjson', 'combined']

async function main(args: string[]): Promise<number> {
  const { values, positionals } = parseArguments(args, {
    format: { type: 'string', default: 'auto' },
    flush: { type: 'boolean', default: false },
    timeout: { type: 'string', default: '120' },
    stage: { type: 'string' },
    help: { type: 'boolean', short: 'h' },
  })
  if (values.help) {
    process.stdout.write(usage)
    return 0
  }
  const format = formats.find((known) => known === values.format)
  if (!format)
    throw new UserError(`--format takes ${formats.join(', ')}, not ${JSON.stringify(values.format)}`)
  const timeoutMs = positiveInteger('timeout', values.timeout) * 1_000
  if (positionals.length > 1) throw new UserError(`one file at a time, not ${positionals.join(' and ')}`)
  const [path] = positionals
  if (path === undefined && !values.flush) throw new UserError('name a file: npm run send -- FILE [--flush]')
  const size = path === undefined ? 0 : await fileSize(path)

  const stage = stageNamed(values.stage)
  await enterStage(stage)
  const isComplete = path === undefined || (await send(stage, { path, size, format }))
  if (values.flush) await flush(stage, timeoutMs)
  return isComplete ? 0 : 1
}

async function fileSize(path: string): Promise<number> {
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => {
    throw new UserError(
      error.code === 'ENOENT' ? `no such file: ${path}` : `cannot read ${path}: ${error.code}`,
    )
  })
  if (found.isDirectory()) throw new UserError(`${path} is a folder: name a file`)
  return found.size
}

async function send(
  stage: Stage,
  file: { readonly path: string; readonly size: number; readonly format: Format | 'auto' },
): Promise<boolean> {
  const startedMs = performance.now()
  const shards = await listShards(stage.rawStream)
  const bar = new SingleBar({
    format: '{bar} {percentage}%  {lines} lines  {eta_formatted} left',
    barsize: 30,
    noTTYOutput: false,
    clearOnComplete: true,
  })
  if (process.stderr.isTTY) bar.start(file.size, 0, { lines: 0 })
  let sent: Sent
  try {
    sent = await sendFile({
      path: file.path,
      format: file.format,
      streamName: stage.rawStream,
      startingHashKeys: shards.filter(({ open }) => open).map(({ startingHashKey }) => startingHashKey),
      onProgress: (bytesRead, lines) => bar.update(bytesRead, { lines: lines.toLocaleString('en') }),
    })
  } catch (error) {
    const isZipError = error instanceof Error && 'code' in error && String(error.code).startsWith('Z_')
    throw isZipError ? new UserError(`${file.path} is damaged: ${error.message}`) : error
  } finally {
    bar.stop()
  }
  process.stdout.write(summary(basename(file.path), sent, (performance.now() - startedMs) / 1_000))
  if (sent.tooLong.length > 0)
    process.stderr.write(
      `${sent.tooLong.length} lines were not sent: longer than a record holds, even zipped (line ${sent.tooLong.slice(0, 5).join(', ')})\n`,
    )
  return sent.tooLong.length === 0
}

function summary(name: string, sent: Sent, seconds: number): string {
  const number = (value: number) => Math.round(value).toLocaleString('en')
  const asTheyAre = sent.lines - sent.understood - sent.tooLong.length
  return [
    `sent ${name} (${sent.format}): ${number(sent.lines)} lines, ${number(sent.understood)} events`,
    ...(asTheyAre > 0 ? [`${number(asTheyAre)} not understood and sent as they are`] : []),
    `${(sent.bytes / 1e6).toFixed(1)} MB in ${number(sent.records)} records`,
    `${seconds.toFixed(1)} s`,
    `${number(sent.understood / seconds)} events/s\n`,
  ].join(', ')
}

async function flush(stage: Stage, timeoutMs: number): Promise<void> {
  const status = new StatusLine()
  const wait = { deadlineMs: Date.now() + timeoutMs, onProgress: (text: string) => status.show(text) }
  try {
    const totals = await waitForLanes(stage, await putFlush(stage), wait)
    if (stage.isLocal) await waitForLake(lakeFolder(), totals, wait)
    status.clear()
    const where = stage.isLocal ? 'in the lake' : 'on their way to the lake (Firehose buffers for minutes)'
    process.stdout.write(
      `flushed: ${totals.accepted} events and ${totals.sessionsClosed} sessions are ${where}, ` +
        `${totals.quarantined} bad events; ${totals.duplicate} duplicates were counted\n`,
    )
  } finally {
    status.clear()
  }
}

await runCommand(main)
