import { collectGarbage } from './garbage.ts'
import type { Figures, Measured, Part, Size } from './part.ts'

export type PartResult = { readonly part: Part; readonly measured: Measured }

export type Listener = {
  /** Before a part, and while it takes its time. */
  progress(part: Part, line: string): void
  result(result: PartResult): void
  /** Without it a part that fails ends the run. */
  failure?(part: Part, error: unknown): void
}

/** One after the other, each knowing the figures of those before it, of an earlier run too. */
export const runParts = async (
  parts: readonly Part[],
  { before, ...options }: { readonly size: Size; readonly rounds: number; readonly before?: Figures },
  listener: Listener,
): Promise<Figures> => {
  const known = new Map(before)
  for (const part of parts) {
    listener.progress(part, 'begins')
    // What the part before it leaves behind is not collected in its turns.
    collectGarbage('major')
    try {
      const report = (line: string) => listener.progress(part, line)
      const measured = await part.run({ ...options, known, report })
      for (const [name, value] of measured.figures) known.set(name, value)
      listener.result({ part, measured })
    } catch (error) {
      if (listener.failure === undefined) throw error
      listener.failure(part, error)
    }
  }
  return known
}

/** Those that are run at this size, or some of them by name. Throws one line when a name is of none. */
export const choose = (
  parts: readonly Part[],
  { size, only }: { readonly size: Size; readonly only: string | undefined },
): readonly Part[] => {
  const ofSize = parts.filter(({ sizes }) => sizes.includes(size))
  if (only === undefined) return ofSize
  const wanted = only.split(',')
  const unknown = wanted.find((name) => !ofSize.some((part) => part.name === name))
  if (unknown !== undefined)
    throw new Error(`--only: no part ${unknown}; there are ${ofSize.map(({ name }) => name).join(', ')}`)
  return ofSize.filter(({ name }) => wanted.includes(name))
}

/** Progress on stderr, with the minutes since the start: tables alone go to stdout. */
export const progressOnStderr = (): Listener['progress'] => {
  const beganMs = performance.now()
  return ({ name }, line) => {
    const minutes = ((performance.now() - beganMs) / 60_000).toFixed(1)
    process.stderr.write(`${minutes.padStart(5)} min  ${name}: ${line}\n`)
  }
}
