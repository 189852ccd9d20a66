import { createHash } from 'node:crypto'
import { lakeViews } from '../views.ts'
import type { CompactionPorts } from './ports.ts'
import type { CompactionState } from './state.ts'

/** Says which views the catalogue has. */
export const publishedKey = 'compacted/published.json'

export type ViewTables = Parameters<typeof lakeViews>[0]

/** https://docs.aws.amazon.com/athena/latest/ug/service-limits.html */
export const maxStatementBytes = 262_144

const statementsOf = (tables: ViewTables, state: CompactionState): string[] =>
  Object.entries(lakeViews(tables, state)).map(([name, text]) => `CREATE OR REPLACE VIEW ${name} AS ${text}`)

/** Views that name more parts than Athena lets a statement say: then no reader could be shown the state. */
export const areViewsTooLong = (tables: ViewTables, state: CompactionState): boolean =>
  statementsOf(tables, state).some((statement) => Buffer.byteLength(statement) > maxStatementBytes)

/**
 * Puts the views of the state into the catalogue, unless they are there. Each is one statement, and so readers of a view
 * see all of the old state or all of the new one; the parts of the old one lie there for hours yet.
 */
export const publish = async (
  of: {
    readonly tables: ViewTables
    readonly state: CompactionState
    /** Also when they seem to be there: a run that was frozen may have put older ones in their place. */
    readonly again?: boolean
  },
  { sql, objects }: Pick<CompactionPorts, 'sql' | 'objects'>,
): Promise<boolean> => {
  const { tables, state } = of
  // The catalogue is made with the views of nothing compacted.
  if (state.version === 0) return false
  const statements = statementsOf(tables, state)
  const hash = createHash('sha256').update(JSON.stringify(statements)).digest('hex')
  const mark = new TextEncoder().encode(JSON.stringify({ version: state.version, views: hash }))
  const stored = await objects.get(publishedKey)
  if (!of.again && typeof stored === 'object' && Buffer.from(stored.bytes).equals(mark)) return false
  for (const statement of statements) await sql.run(statement)
  await objects.put(publishedKey, mark)
  return true
}
