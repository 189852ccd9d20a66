import { expect } from 'vitest'
import type { CompactionState } from '../../../shared/core/lake/compaction/state.ts'
import { accumulators } from '../../../shared/core/metric/accumulators.ts'
import { fromPaneItem } from '../../../shared/core/metric/pane-item.ts'
import { sessionFields } from '../../../shared/core/session/session-row.ts'
import { windowStart } from '../../../shared/core/window/grain.ts'
import { compiledMetrics, type MemoryLake } from './memory-lake.ts'
import { naiveSessions, sessionLine } from './naive.ts'

/** Origins as readers see them, sorted: twice if it stands twice. */
export const shownOrigins = async ({ athena }: MemoryLake): Promise<string[]> =>
  (await athena.rows('SELECT origin FROM events_once')).map(([origin]) => origin ?? '').sort()

export const allOrigins = ({ stream }: MemoryLake): string[] =>
  stream.events.map(({ origin }) => origin).sort()

const sessionColumns = 'visitor, started_at, ended_at, events, page_views, revenue'

const linesOf = (rows: readonly (readonly (string | null)[])[]): string[] =>
  rows
    .map(([visitor, start, end, events, pageViews, revenue]) =>
      sessionLine({
        visitor: visitor ?? '',
        start: start ?? '',
        end: end ?? '',
        events: Number(events),
        pageViews: Number(pageViews),
        revenue: Number(revenue),
      }),
    )
    .sort()

export const shownSessions = async ({ athena }: MemoryLake): Promise<string[]> =>
  linesOf(await athena.rows(`SELECT ${sessionColumns} FROM sessions_final`))

/** What readers must see: of events whose session closed before `through` the exact sessions, else the stream's. */
export const expectedSessions = ({ stream }: MemoryLake, through: number): string[] => {
  const settled = stream.closed.filter(({ closesAfter }) => closesAfter < through)
  const ids = new Set(
    settled.flatMap(({ row }) => [row.session_id, ...(row.absorbed_ids as readonly string[])]),
  )
  const later = stream.closed.filter(({ closesAfter }) => closesAfter >= through)
  return [
    ...naiveSessions(stream.events.filter(({ sessionId }) => ids.has(sessionId))),
    ...later.map(({ row }) =>
      sessionLine({
        visitor: String(row.visitor),
        start: String(row.started_at),
        end: String(row.ended_at),
        events: Number(row.events),
        pageViews: Number(row.page_views),
        revenue: Number(row.revenue),
      }),
    ),
  ].sort()
}

/** Events carry the id of the session that they are in, and sessions have ids of their own. */
export const expectSessionsOfEvents = async ({ athena }: MemoryLake): Promise<void> => {
  const differing = await athena.rows(`
    SELECT s.session_id, s.events, e.events FROM sessions_final AS s LEFT JOIN (
      SELECT session_id, visitor, count(*) AS events, min(event_time) AS first_time, max(event_time) AS last_time
      FROM events_once GROUP BY session_id, visitor
    ) AS e ON e.session_id = s.session_id AND e.visitor = s.visitor
    WHERE e.events IS DISTINCT FROM s.events OR e.first_time IS DISTINCT FROM s.started_at
      OR e.last_time IS DISTINCT FROM s.ended_at`)
  expect(differing).toEqual([])
  expect(
    await athena.rows('SELECT session_id FROM sessions_final GROUP BY session_id HAVING count(*) > 1'),
  ).toEqual([])
}

/** Metric, window and cell with the state in it; cells that were corrected away are left out. */
const cellsOfPanes = ({ panes }: MemoryLake): string[] => {
  const cells = new Map<string, { readonly kind: keyof typeof accumulators; state: unknown }>()
  for (const pane of [...panes.values()].map(fromPaneItem)) {
    if (pane.metric === 'account') continue
    const { empty, merge } = accumulators[pane.kind]
    for (const [key, state] of pane.cells) {
      const name = `${pane.metric} ${pane.grain} ${pane.windowStart} ${key}`
      const cell = cells.get(name) ?? { kind: pane.kind, state: empty() }
      cell.state = merge(cell.state, state)
      cells.set(name, cell)
    }
  }
  return shownCells(cells)
}

const shownCells = (
  cells: ReadonlyMap<string, { readonly kind: keyof typeof accumulators; readonly state: unknown }>,
): string[] =>
  [...cells]
    .flatMap(([name, { kind, state }]) => {
      const shown = comparable(kind, state)
      return shown === undefined ? [] : [`${name} = ${shown}`]
    })
    .sort()

/** Of quantiles the bins: the least and the greatest value cannot be taken back. */
const comparable = (kind: keyof typeof accumulators, state: unknown): string | undefined => {
  const encoded = accumulators[kind].encode(state)
  if (kind === 'quantiles')
    return encoded === '' ? undefined : JSON.stringify(JSON.parse(String(encoded)).slice(2))
  return String(encoded) === '0' ? undefined : String(encoded)
}

/** The panes with their corrections are what the sessions that readers see would have added up to. */
export const expectPanesOfSessions = async (lake: MemoryLake): Promise<void> => {
  const names = ['started_at', 'channel', 'duration_ms', 'revenue']
  const cells = new Map<string, { readonly kind: keyof typeof accumulators; state: unknown }>()
  for (const values of await lake.athena.rows(`SELECT ${names.join(', ')} FROM sessions_final`)) {
    const [startedAt = '', channel = '', durationMs, revenue] = values
    const fields = sessionFields({
      channel: channel ?? '',
      duration_ms: Number(durationMs),
      revenue: Number(revenue),
    })
    const start = Date.parse(`${startedAt?.replace(' ', 'T')}Z`)
    for (const { metric, value, dims } of compiledMetrics.measureSession(fields)) {
      const descriptor = compiledMetrics.sessionDescriptors[metric]
      if (descriptor === undefined) continue
      for (const grain of descriptor.every) {
        const name = `${descriptor.name} ${grain} ${windowStart(start, grain)} ${JSON.stringify(dims)}`
        const { empty, add } = accumulators[descriptor.kind]
        const cell = cells.get(name) ?? { kind: descriptor.kind, state: empty() }
        cell.state = add(cell.state, value)
        cells.set(name, cell)
      }
    }
  }
  expect(cellsOfPanes(lake)).toEqual(shownCells(cells))
}

export const stateOf = ({ objects }: MemoryLake): CompactionState | undefined => {
  const stored = objects.get('compacted/state.json')
  return stored && JSON.parse(new TextDecoder().decode(stored.bytes))
}

/** All that must hold between two runs. */
export const expectRight = async (lake: MemoryLake): Promise<void> => {
  expect(await shownOrigins(lake)).toEqual(allOrigins(lake))
  expect(await shownSessions(lake)).toEqual(expectedSessions(lake, stateOf(lake)?.through ?? 0))
  await expectSessionsOfEvents(lake)
}
