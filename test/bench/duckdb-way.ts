import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import type { KinesisEvent } from '../../shared/core/event/kinesis-event.ts'

/** A batch program over the same events, from their JSON: dedupe, split into sessions, count by minute and name. */
const statement = (file: string): string => `
WITH received AS (
  SELECT messageId AS id, anonymousId AS visitor, CAST(originalTimestamp AS timestamp) AS moment,
    coalesce(event, 'Page Viewed') AS name
  FROM read_json('${file}', format = 'newline_delimited', ignore_errors = true, columns =
    {messageId: 'VARCHAR', anonymousId: 'VARCHAR', originalTimestamp: 'VARCHAR', event: 'VARCHAR'})
  WHERE messageId IS NOT NULL
),
once AS (SELECT id, visitor, min(moment) AS moment, min(name) AS name FROM received GROUP BY id, visitor),
gaps AS (
  SELECT *, CASE WHEN moment - lag(moment) OVER (PARTITION BY visitor ORDER BY moment) <= INTERVAL 30 MINUTE THEN 0 ELSE 1 END AS opens
  FROM once
),
numbered AS (SELECT *, sum(opens) OVER (PARTITION BY visitor ORDER BY moment ROWS UNBOUNDED PRECEDING) AS session FROM gaps),
sessions AS (SELECT visitor, session, min(moment), max(moment), count(*) AS events FROM numbered GROUP BY visitor, session),
panes AS (SELECT date_trunc('minute', moment), name, count(*) AS events, approx_count_distinct(visitor) FROM once GROUP BY ALL)
SELECT (SELECT count(*) FROM once), (SELECT count(*) FROM sessions), (SELECT sum(events) FROM panes)`

/** DuckDB on one thread; microseconds an event. */
export const duckdbWay = async (batches: readonly KinesisEvent[]): Promise<number> => {
  const folder = await mkdtemp(join(tmpdir(), 'weir-bench-'))
  const file = join(folder, 'events.ndjson')
  const lines = batches.flatMap(({ Records }) =>
    Records.map(({ kinesis }) => Buffer.from(kinesis.data, 'base64')),
  )
  await writeFile(file, lines.map((line) => `${line}\n`).join(''))
  const instance = await DuckDBInstance.create(':memory:', { threads: '1' })
  try {
    const connection = await instance.connect()
    const began = performance.now()
    const reader = await connection.runAndReadAll(statement(file))
    const elapsedMs = performance.now() - began
    const [events, , counted] = (reader.getRows()[0] ?? []).map(Number)
    if (events === 0 || events !== counted) throw new Error(`DuckDB counted ${counted} of ${events} events`)
    return (elapsedMs * 1000) / lines.length
  } finally {
    instance.closeSync()
    await rm(folder, { recursive: true })
  }
}
