import { textLiteral } from '../view-sql.ts'
import { dayMs } from './day.ts'
import {
  dailyTables,
  partTable,
  runOfPart,
  runStartMs,
  type WorkKind,
  workFolder,
  workKinds,
  workMark,
  workPrefix,
  workTable,
} from './names.ts'
import type { CompactionPorts } from './ports.ts'
import { publish, type ViewTables } from './publish.ts'
import type { CompactionState } from './state.ts'

/** How long a query that began before the last commit may go on reading what the commit replaced. */
export const readersGraceMs = 6 * 3_600_000

/** No run is at work for longer. */
const runMs = dayMs

/**
 * Deletes parts that no reader can be on any more, and what dead runs left. Only when no attempt is under way, and after
 * the views were put there again: those in the catalogue name no part that goes. Answers how many folders went.
 */
export const sweep = async (
  of: { readonly state: CompactionState; readonly tables: ViewTables },
  ports: CompactionPorts,
): Promise<number> => {
  const { state } = of
  if (ports.now() < state.committedAt + readersGraceMs) return 0
  const dead = [...(await deadParts(state, ports)), ...(await deadRuns(ports))]
  if (dead.length > 0) await publish({ ...of, again: true }, ports)
  let swept = 0
  for (const { statements, keys } of dead) {
    if (ports.isOutOfTime()) break
    for (const statement of statements) await ports.sql.run(statement)
    await ports.objects.delete(keys)
    swept++
  }
  return swept
}

/** A folder to delete, and what the catalogue is told before. */
type Dead = { readonly statements: readonly string[]; readonly keys: readonly string[] }

const deadParts = async (state: CompactionState, ports: CompactionPorts): Promise<Dead[]> => {
  const named = { ...state, persons: state.persons === null ? [] : [state.persons] }
  const lists = { events_daily: named.events, sessions_daily: named.sessions, persons: named.persons }
  const dead: Dead[] = []
  for (const table of dailyTables)
    for (const [part, keys] of await foldersBelow(`${table}/part=`, ports))
      if (!lists[table].includes(part) && isOld(runOfPart(part), ports))
        dead.push({
          statements: [
            `ALTER TABLE ${table} DROP IF EXISTS PARTITION (part = ${textLiteral(part)})`,
            `DROP TABLE IF EXISTS ${partTable(table, part)}`,
          ],
          keys,
        })
  return dead
}

const deadRuns = async (ports: CompactionPorts): Promise<Dead[]> =>
  [...(await foldersBelow(workFolder, ports))]
    .filter(([run]) => isOld(run, ports))
    .map(([run, keys]) => ({ statements: dropsOf(run, workKinds), keys }))

const isOld = (run: string, { now }: CompactionPorts): boolean => {
  const start = runStartMs(run)
  return start !== undefined && start + runMs <= now()
}

const dropsOf = (run: string, kinds: readonly WorkKind[]): string[] =>
  kinds.map((kind) => `DROP TABLE IF EXISTS ${workTable(run, kind)}`)

/** Drops work tables of a run, and their files. */
export const dropWork = async (
  run: string,
  kinds: readonly WorkKind[],
  { sql, objects }: CompactionPorts,
): Promise<void> => {
  for (const statement of dropsOf(run, kinds)) await sql.run(statement)
  for (const kind of kinds) await objects.delete(await objects.list(workPrefix(run, kind)))
  await objects.delete([workMark(run)])
}

/** The folders right below a prefix, with all keys in each. */
const foldersBelow = async (
  prefix: string,
  { objects }: CompactionPorts,
): Promise<Map<string, readonly string[]>> =>
  Map.groupBy(await objects.list(prefix), (key) => key.slice(prefix.length).split('/')[0] ?? '')
