import type { Expected } from './end-to-end-payloads.ts'

export type Cell = { readonly by: Readonly<Record<string, string>>; readonly value: number }

/** All cells of a metric, as the query API answers them. */
export const cellsOf = async (
  url: string,
  metric: string,
  query: { readonly fromMs: number; readonly grain: string; readonly by: string },
): Promise<readonly Cell[]> => {
  const parameters = new URLSearchParams({
    from: String(query.fromMs),
    to: String(Date.now() + 60_000),
    grain: query.grain,
    by: query.by,
  })
  const response = await fetch(`${url}/v1/metrics/${metric}?${parameters}`)
  if (!response.ok) throw new Error(await response.text())
  const answer: { readonly windows: readonly { readonly cells: readonly Cell[] }[] } = JSON.parse(
    await response.text(),
  )
  return answer.windows.flatMap(({ cells }) => cells)
}

/** What became of the events that arrived since this hour. */
export const countsOf = async (url: string, fromMs: number): Promise<Expected> => {
  const cells = await cellsOf(url, 'account', { fromMs, grain: '1h', by: 'outcome' })
  const of = (outcome: keyof Expected) =>
    cells.filter(({ by }) => by.outcome === outcome).reduce((sum, { value }) => sum + value, 0)
  return { accepted: of('accepted'), quarantined: of('quarantined'), duplicate: of('duplicate') }
}
