import type { EpochMs } from '../event/outcome.ts'
import type { LaneProgress } from '../window/complete.ts'
import { grainMs, windowStart } from '../window/grain.ts'
import type { CatalogueEntry } from './catalogue.ts'
import type { Grain } from './contribution.ts'
import { fromPaneItem, type PaneItem } from './pane-item.ts'
import { parseQuery } from './parse-query.ts'
import { type MetricAnswer, readMetric } from './read.ts'

/** Where an answer takes panes and lanes from. */
export type PaneSource = {
  queryPanes(range: {
    metric: string
    grain: Grain
    fromMs: EpochMs
    toMs: EpochMs
  }): Promise<readonly PaneItem[]>
  lanes(): Promise<readonly LaneProgress[]>
}

export type Answer =
  | { readonly status: 200; readonly body: { readonly metrics: readonly CatalogueEntry[] } | MetricAnswer }
  | { readonly status: 400 | 404; readonly body: { readonly error: string } }

export type MetricsRequest = {
  readonly path: string
  readonly parameters: Readonly<Record<string, string | undefined>>
  readonly receivedAt: EpochMs
}

/** `GET /v1/metrics` (the catalogue) and `GET /v1/metrics/{name}?from&to&grain&by`. */
export const answer = async (
  request: MetricsRequest,
  catalogue: readonly CatalogueEntry[],
  source: PaneSource,
): Promise<Answer> => {
  const route = /^\/v1\/metrics(?:\/([^/]*))?\/?$/.exec(request.path)
  if (route === null) return refuse(404, `no ${request.path}; there are /v1/metrics and /v1/metrics/{name}`)
  const name = route[1] ?? ''
  if (name === '') return { status: 200, body: { metrics: catalogue } }
  const metric = catalogue.find((entry) => entry.name === name)
  if (metric === undefined) {
    return refuse(404, `no metric "${name}"; there are ${catalogue.map((entry) => entry.name).join(', ')}`)
  }
  const { from, to, grain, by } = request.parameters
  const parsed = parseQuery(metric, { from, to, grain, by }, request.receivedAt)
  if (!parsed.ok) return refuse(400, parsed.error)
  const { query, storedGrain } = parsed
  const range = {
    metric: metric.name,
    grain: storedGrain,
    // Whole windows of the asked grain, though the range may begin or end inside one.
    fromMs: windowStart(query.fromMs, query.grain),
    toMs: windowStart(query.toMs - 1, query.grain) + grainMs[query.grain],
  }
  const [items, lanes] = await Promise.all([source.queryPanes(range), source.lanes()])
  return { status: 200, body: readMetric(query, items.map(fromPaneItem), lanes) }
}

const refuse = (status: 400 | 404, error: string): Answer => ({ status, body: { error } })
