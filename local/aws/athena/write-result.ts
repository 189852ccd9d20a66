import { open, unlink } from 'node:fs/promises'
import { type ResultColumn, resultColumn } from './column-types.ts'
import { type Outcome, objectAt, type StatementContext } from './context.ts'
import { csvLine } from './result-file.ts'
import { resultText } from './result-text.ts'
import type { Session } from './session.ts'

/** Runs a query and leaves its rows as a CSV file at the output location, a header first. */
export async function writeResult(sql: string, o: StatementContext): Promise<Outcome> {
  const session = await o.openSession(sql)
  const draft = o.s3.draftPath()
  try {
    const columns = await writeRows(session, sql, draft)
    await o.check()
    await o.s3.putFile({ ...objectAt(o.outputLocation), draft })
    return { columns }
  } catch (error) {
    await unlink(draft).catch(() => {})
    throw error
  }
}

async function writeRows({ connection }: Session, sql: string, path: string): Promise<ResultColumn[]> {
  const duckdb = await import('@duckdb/node-api')
  const file = await open(path, 'wx')
  try {
    const result = await connection.stream(sql)
    const types = result.columnTypes()
    const columns = result
      .columnNames()
      .map((name, index) => resultColumn(name, types[index] ?? duckdb.VARCHAR))
    await file.writeFile(csvLine(columns.map(({ name }) => name)))
    for await (const rows of result.yieldRows()) {
      const lines = rows.map((row) =>
        csvLine(row.map((value, index) => resultText(value, duckdb, columns[index]?.type ?? ''))),
      )
      await file.writeFile(lines.join(''))
    }
    return columns
  } finally {
    await file.close()
  }
}
