import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'esbuild'

type TrinoParser = { validate(sql: string): { startLine: number; startColumn: number; message: string }[] }

const projectDir = join(import.meta.dirname, '../..')
const bundle = join(projectDir, '.build/trino-parser-4.5.1.mjs')

/** The parser's package cannot be imported as it is: it leaves the endings of its own files out. */
const loadParser = async (): Promise<TrinoParser> => {
  if (!existsSync(bundle))
    await build({
      stdin: {
        contents: "export { TrinoSQL } from 'dt-sql-parser/dist/parser/trino/index.js'",
        resolveDir: projectDir,
      },
      bundle: true,
      platform: 'node',
      format: 'esm',
      outfile: bundle,
      logLevel: 'error',
    })
  const { TrinoSQL }: { TrinoSQL: new () => TrinoParser } = await import(bundle)
  return new TrinoSQL()
}

let parser: Promise<TrinoParser> | undefined

/** What Trino's grammar says against a statement: nothing, when it parses. */
export const trinoErrors = async (sql: string): Promise<string[]> => {
  parser ??= loadParser()
  return (await parser)
    .validate(sql)
    .map((error) => `${error.startLine}:${error.startColumn} ${error.message}`)
}
