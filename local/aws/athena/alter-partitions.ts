import type { Catalogue, CatalogueTable, Partition } from './catalogue.ts'
import { addressOf, locationOf } from './location.ts'
import { QueryFailure } from './refusal.ts'
import type { PartitionSpec, Statement } from './statement.ts'

type Altered = { readonly database: string; readonly table: CatalogueTable }
type Alteration = Extract<Statement, { kind: 'add-partitions' | 'drop-partitions' }>

/** Adds or drops partitions, all of a statement or none. */
export function alterPartitions(
  statement: Alteration,
  { database, table }: Altered,
  { catalogue }: { readonly catalogue: Catalogue },
): void {
  const known = catalogue.partitions(database, table.name)
  const next =
    statement.kind === 'add-partitions' ? added(known, statement, table) : dropped(known, statement, table)
  catalogue.setPartitions(database, table.name, next)
}

/** `part=2026-11-01.3f9a2c`, a line for each. */
export function showPartitions(
  { database, table }: Altered,
  { catalogue }: { readonly catalogue: Catalogue },
): string[] {
  return catalogue.partitions(database, table.name).map(({ values }) => nameOf(table, values))
}

function added(
  known: readonly Partition[],
  { partitions, isOptional }: Extract<Statement, { kind: 'add-partitions' }>,
  table: CatalogueTable,
): Partition[] {
  const next = [...known]
  for (const { spec, location } of partitions) {
    const values = valuesOf(spec, table)
    const name = nameOf(table, values)
    if (next.some((one) => nameOf(table, one.values) === name)) {
      if (isOptional) continue
      throw new QueryFailure(`FAILED: AlreadyExistsException: Partition already exists: ${name}`)
    }
    const root = locationOf(table.location)
    const place =
      location === undefined ? { ...root, prefix: `${root.prefix}${name}/` } : locationOf(location)
    // The values are read from the path: Athena would take any folder, this one only such as Athena itself writes.
    if (!`/${place.prefix}`.endsWith(`/${name}/`))
      throw new QueryFailure(
        `NOT_SUPPORTED: the local Athena takes a partition ${name} only in a folder of that name`,
      )
    next.push({ values, location: addressOf(place) })
  }
  return next
}

function dropped(
  known: readonly Partition[],
  { specs, isOptional }: Extract<Statement, { kind: 'drop-partitions' }>,
  table: CatalogueTable,
): Partition[] {
  const names = specs.map((spec) => nameOf(table, valuesOf(spec, table)))
  const present = new Set(known.map(({ values }) => nameOf(table, values)))
  const missing = names.find((name) => !present.has(name))
  if (missing !== undefined && !isOptional)
    throw new QueryFailure(`FAILED: SemanticException: Partition not found (${missing})`)
  return known.filter(({ values }) => !names.includes(nameOf(table, values)))
}

function valuesOf(spec: PartitionSpec, { partitionKeys, name }: CatalogueTable): string[] {
  const keys = partitionKeys.map((key) => key.name)
  if (keys.length === 0 || spec.size !== keys.length || !keys.every((key) => spec.has(key)))
    throw new QueryFailure(
      `FAILED: ValidationException: the partition keys of ${name} are (${keys.join(', ')})`,
    )
  return keys.map((key) => spec.get(key) ?? '')
}

const nameOf = ({ partitionKeys }: CatalogueTable, values: readonly string[]): string =>
  partitionKeys.map(({ name }, index) => `${name}=${values[index]}`).join('/')
