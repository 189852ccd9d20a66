/** What a log holds, as the simplest program that could count it sees it: read all, sort, scan. */
export type NaiveLog = {
  readonly events: number
  readonly broken: number
  readonly cut: number
  /** Events by minute, UTC, `2025-10-25T10:03`. */
  readonly minutes: ReadonlyMap<string, number>
  /** `label start end events`, sorted. */
  readonly sessions: readonly string[]
  /** Gaps between neighbours of one visitor that are exactly the gap, and a second more. */
  readonly gapsOfExactly: { readonly gap: number; readonly secondMore: number }
  /** Sessions that more than one would have been, had the lines come in only as far as the end of one of them. */
  readonly bridged: number
}

type Hit = { readonly label: string; readonly atMs: number; readonly place: number }

const gapMs = 30 * 60_000
// Date.parse passes over a word that it does not know.
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** Labels stand for visitors: `generatedLog` gives each (address, agent) its own. */
export function naiveLog(text: string): NaiveLog {
  const lines = text.trimEnd().split('\n')
  const hits = lines.flatMap((line, place) => hitOf(line, place))
  const runs = [...Map.groupBy(hits, ({ label }) => label).values()].flatMap(runsOf)
  const minutes = new Map<string, number>()
  for (const { atMs } of hits) {
    const minute = new Date(atMs).toISOString().slice(0, 16)
    minutes.set(minute, (minutes.get(minute) ?? 0) + 1)
  }
  const gaps = runs.flatMap((run) => run.slice(1).map(({ atMs }, before) => atMs - (run[before]?.atMs ?? 0)))
  const starts = [...Map.groupBy(runs, ([first]) => first?.label).values()].flatMap((ofVisitor) =>
    ofVisitor.slice(1).map((run, before) => (run[0]?.atMs ?? 0) - (ofVisitor[before]?.at(-1)?.atMs ?? 0)),
  )
  return {
    events: hits.length,
    broken: lines.length - hits.length,
    cut: lines.filter((line, place) => hitOf(line, place).length > 0 && !line.endsWith('"')).length,
    minutes,
    sessions: runs.map(describeRun).sort(),
    gapsOfExactly: {
      gap: gaps.filter((ms) => ms === gapMs).length,
      secondMore: starts.filter((ms) => ms === gapMs + 1000).length,
    },
    bridged: runs.filter(isBridged).length,
  }
}

function hitOf(line: string, place: number): Hit[] {
  const words = line.split(' ')
  const [day, month, year, ...time] = (words[3] ?? '').slice(1).split(/[/:]/)
  const zone = (words[4] ?? '').slice(0, -1)
  const atMs = Date.parse(`${month} ${day} ${year} ${time.join(':')} ${zone}`)
  const isWhole = line.split('"').length >= 6 && /^\d+$/.test(words[8] ?? '')
  const label = (words[6] ?? '').split('/')[1] ?? ''
  return Number.isNaN(atMs) || !months.includes(month ?? '') || !isWhole ? [] : [{ label, atMs, place }]
}

function runsOf(hits: readonly Hit[]): Hit[][] {
  const runs: Hit[][] = []
  let lastMs = Number.NEGATIVE_INFINITY
  for (const hit of hits.toSorted((a, b) => a.atMs - b.atMs)) {
    if (hit.atMs - lastMs > gapMs) runs.push([])
    runs.at(-1)?.push(hit)
    lastMs = hit.atMs
  }
  return runs
}

function describeRun(run: readonly Hit[]): string {
  const [start, end] = [run[0], run.at(-1)].map((hit) => new Date(hit?.atMs ?? 0).toISOString())
  return `${run[0]?.label} ${start} ${end} ${run.length}`
}

/** Some line of it came when those before it, alone, were more sessions than with it. */
function isBridged(run: readonly Hit[]): boolean {
  const arrived = run.toSorted((a, b) => a.place - b.place)
  const counts = arrived.map((_, index) => runsOf(arrived.slice(0, index + 1)).length)
  return counts.some((count, index) => count < (counts[index - 1] ?? 0))
}
