/** A name of a measured figure that has a target; see targets.ts. */
export type FigureName =
  | 'whole pass'
  | 'faster than the tutorial, signed'
  | 'faster than the tutorial, send stubbed'
  | 'growth with events'
  | 'growth with live visitors'
  | 'largest zip'
  | 'slowest import'
  | 'events a second, end to end'
  | 'memory of the stack'
  | 'growth of its memory'
  | 'latency, 99th percentile'

export type Figures = ReadonlyMap<FigureName, number>

/** The first column names what the others are of. */
export type Table = {
  readonly columns: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

export type Measured = {
  readonly table: Table
  readonly figures: Figures
  /** What the table does not say. */
  readonly notes: readonly string[]
}

/** `check`: short, for its figures alone. `usual`: what `npm run bench` runs. `long`: what `bench:full` does. */
export type Size = 'check' | 'usual' | 'long'

export type PartRun = {
  readonly size: Size
  /** Rounds of `batchesPerRound` batches, where there are rounds. */
  readonly rounds: number
  /** What the parts before it have measured. */
  readonly known: Figures
  /** Tells how far it is, where a part takes minutes. */
  report(line: string): void
}

/** One table of the benchmark. */
export type Part = {
  /** Also of its place in docs/performance.md. */
  readonly name: string
  readonly title: string
  /** When it is run: `check` where it has a figure with a target. */
  readonly sizes: readonly Size[]
  run(options: PartRun): Promise<Measured>
}
