import { accountDescriptor } from './account.ts'
import type { AccumulatorKind, Grain } from './contribution.ts'
import type { MetricSource, Metrics } from './definitions.ts'

/** A metric as the query API names it. */
export type CatalogueEntry = {
  readonly name: string
  readonly kind: AccumulatorKind
  /** `any`, `sessions`, `page` or the name of an event; `received` for the account. */
  readonly of: string
  readonly grains: readonly Grain[]
  readonly by: readonly string[]
  readonly description: string
  readonly unit: string
}

const account: CatalogueEntry = {
  name: accountDescriptor.name,
  kind: accountDescriptor.kind,
  of: 'received',
  grains: accountDescriptor.every,
  by: accountDescriptor.by,
  description: 'Every event received, by what became of it, in windows of its arrival',
  unit: 'events',
}

export const catalogueOf = (metrics: Metrics): readonly CatalogueEntry[] => [
  ...Object.entries(metrics).map(([name, { kind, of, every, by, description, unit }]) => ({
    name,
    kind,
    of: sourceText(of),
    grains: every,
    by,
    description,
    unit,
  })),
  account,
]

const sourceText = (of: MetricSource): string => (of.source === 'event' ? of.name : of.source)
