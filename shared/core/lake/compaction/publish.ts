import { createHash } from 'node:crypto'
import { lakeViews } from '../views.ts'
import type { CompactionPorts } from './ports.ts'
import type { CompactionState } from './state.ts'

/** Says which views the catalogue has. */
export const publishedKey = 'compacted/published.json'

export type ViewTables = Parameters<typeof lakeViews>[0]

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
  const views = Object.entries(lakeViews(tables, state))
  const hash = createHash('sha256').update(JSON.stringify(views)).digest('hex')
  const mark = new TextEncoder().encode(JSON.stringify({ version: state.version, views: hash }))
  const stored = await objects.get(publishedKey)
  if (!of.again && typeof stored === 'object' && Buffer.from(stored.bytes).equals(mark)) return false
  for (const [name, text] of views) await sql.run(`CREATE OR REPLACE VIEW ${name} AS ${text}`)
  await objects.put(publishedKey, mark)
  return true
}
