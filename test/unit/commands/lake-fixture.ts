import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { DuckDBInstance } from '@duckdb/node-api'
import type { TableName } from '../../../shared/core/lake/tables.ts'

export type Row = Readonly<Record<string, unknown>>

/** A lake in a folder of its own, its Parquet files written by DuckDB as the local stack writes them. */
export class LakeFixture {
  readonly folder = mkdtempSync(join(tmpdir(), 'weir-lake-'))

  /** partition: `2026-11-21/04`, or `part=2026-11-21.a` of a daily table. types: of columns that are no text, as DuckDB writes types. */
  async parquet(
    table: TableName,
    file: {
      readonly partition: string
      readonly rows: readonly Row[]
      readonly types: Readonly<Record<string, string>>
    },
  ): Promise<void> {
    const instance = await DuckDBInstance.create(':memory:')
    const connection = await instance.connect()
    const json = join(this.folder, 'rows.json')
    writeFileSync(json, file.rows.map((row) => JSON.stringify(row)).join('\n'))
    const names = [...new Set(file.rows.flatMap(Object.keys))]
    const columns = names.map((name) => `'${name}': '${file.types[name] ?? 'VARCHAR'}'`).join(', ')
    const path = this.#path(table, file.partition, 'parquet')
    await connection.run(
      `COPY (FROM read_json('${json}', format = 'newline_delimited', columns = {${columns}})) TO '${path}' (FORMAT parquet)`,
    )
    instance.closeSync()
    rmSync(json)
  }

  gzipJson(table: TableName, file: { readonly partition: string; readonly rows: readonly Row[] }): void {
    // A member for each row, as Firehose joins blocks that were zipped before.
    const members = file.rows.map((row) => gzipSync(`${JSON.stringify(row)}\n`))
    writeFileSync(this.#path(table, file.partition, 'json.gz'), Buffer.concat(members))
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true })
  }

  #files = 0
  #path(table: TableName, partition: string, ending: string): string {
    const [day, hour] = partition.split('/')
    const name = String(this.#files++)
    const path = partition.startsWith('part=')
      ? // Athena gives its files no ending.
        join(this.folder, table, partition, name)
      : join(this.folder, table, `dt=${day}`, `hour=${hour}`, `${name}.${ending}`)
    mkdirSync(dirname(path), { recursive: true })
    return path
  }
}
