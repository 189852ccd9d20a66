/** The query API, on the address that served this page. */

const timeoutMs = 8_000
/** Longer than the API waits for the lake. */
const queryTimeoutMs = 35_000

/** @returns {Promise<{ name: string, kind: string, grains: string[], by: string[] }[]>} */
export async function fetchCatalogue() {
  const { metrics } = await get('/v1/metrics')
  return metrics
}

/** @param {{ metric: string, grain: string, by: readonly string[], fromMs: number, toMs: number }} question */
export function fetchMetric({ metric, grain, by, fromMs, toMs }) {
  const query = new URLSearchParams({
    from: new Date(fromMs).toISOString(),
    to: new Date(toMs).toISOString(),
    grain,
    // Always there: without it the API breaks down by every dimension.
    by: by.join(','),
  })
  return get(`/v1/metrics/${encodeURIComponent(metric)}?${query}`)
}

/** @returns {Promise<import('./query-form.js').Query[]>} */
export async function fetchQueries() {
  const { queries } = await get('/v1/queries')
  return queries
}

/**
 * Throws with what the API says of it.
 * @param {string} name @param {Record<string, string>} given @param {AbortSignal} signal
 * @returns {Promise<import('./result.js').Result>}
 */
export async function runQuery(name, given, signal) {
  const path = `/v1/queries/${encodeURIComponent(name)}?${new URLSearchParams(given)}`
  const response = await fetch(path, {
    cache: 'no-store',
    signal: AbortSignal.any([signal, AbortSignal.timeout(queryTimeoutMs)]),
  })
  const body = await response.json().catch(() => ({}))
  if (!response.ok) throw new Error(body.error ?? `${name} answered ${response.status}`)
  return body
}

/** @param {string} path */
async function get(path) {
  const response = await fetch(path, { cache: 'no-store', signal: AbortSignal.timeout(timeoutMs) })
  if (!response.ok) throw new Error(`${path.split('?')[0]} answered ${response.status}`)
  return response.json()
}
