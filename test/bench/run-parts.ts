import { collectGarbage } from './garbage.ts'
import type { FigureName, Measured, Part, Size } from './part.ts'

export type PartResult = { readonly part: Part; readonly measured: Measured }

/** One after the other, each knowing the figures of those before it. */
export const runParts = async (
  parts: readonly Part[],
  options: { readonly size: Size; readonly rounds: number },
  onResult: (result: PartResult) => void,
): Promise<ReadonlyMap<FigureName, number>> => {
  const known = new Map<FigureName, number>()
  for (const part of parts) {
    // What the part before it leaves behind is not collected in its turns.
    collectGarbage('major')
    const measured = await part.run({ ...options, known })
    for (const [name, value] of measured.figures) known.set(name, value)
    onResult({ part, measured })
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
