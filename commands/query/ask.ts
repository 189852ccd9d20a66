import { type Athena, createAthena } from '../../shared/aws/athena.ts'
import { athenaValue } from '../../shared/core/lake/athena-value.ts'
import { type LakeAnswer, openLake } from '../lake/duckdb-lake.ts'
import { enterStage, stageNamed } from '../stage/stage.ts'

/** Asks the files of a folder, with DuckDB in this process. */
export async function askFolder(folder: string, sql: string): Promise<LakeAnswer> {
  const lake = await openLake(folder)
  try {
    return await lake.query(sql)
  } finally {
    lake.close()
  }
}

/** Asks Athena; in stage local that of the stack. */
export async function askStage(name: string, sql: string): Promise<LakeAnswer> {
  const engine = await athenaOf(name)
  const { columns, rows, scannedBytes, elapsedMs } = await engine.run(sql)
  return {
    columns: columns.map((column) => column.name),
    rows: rows.map((row) => row.map((text, index) => athenaValue(text, columns[index]?.type ?? ''))),
    scannedBytes,
    elapsedMs,
  }
}

/** Athena over the lake of a stage. */
export async function athenaOf(name: string): Promise<Athena> {
  const stage = stageNamed(name)
  await enterStage(stage)
  return createAthena({ workGroup: stage.workGroup, database: stage.database })
}
