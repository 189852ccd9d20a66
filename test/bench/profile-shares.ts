import type { Profiler } from 'node:inspector/promises'
import { type Profile, samplesOf } from './profile.ts'
import type { Step } from './step-clock.ts'

/** What is told apart within a step by where its samples lie. */
export type Detail = {
  readonly step: Step
  readonly title: string
  /** Ends of the files whose functions it begins with; none: whatever else the step does. */
  readonly files: readonly string[]
}

const core = 'shared/core/'

export const details: readonly Detail[] = [
  { step: 'judge', title: 'validate', files: [`${core}event/envelope.ts`, `${core}plan/`] },
  { step: 'judge', title: 'enrich', files: [`${core}enrichment/enrich.ts`] },
  { step: 'judge', title: 'row', files: [`${core}lake/event-row.ts`] },
  { step: 'judge', title: 'the rest of it', files: [] },
  { step: 'pack', title: 'compress', files: ['node:zlib'] },
  { step: 'pack', title: 'encode', files: [] },
]

/** Files in which a step begins: a sample belongs to the step of the innermost of them. */
const stepOf: readonly { readonly step: Step | 'other'; readonly files: readonly string[] }[] = [
  { step: 'judge', files: [`${core}event/judge.ts`] },
  { step: 'measure', files: [`${core}metric/compile.ts`] },
  { step: 'pack', files: [`${core}lane/packer.ts`] },
  { step: 'other', files: [`${core}lane/aggregate.ts`, `${core}lane/commit.ts`] },
]

/** Microseconds of each detail. */
export const sharesOf = (profile: Profile): Map<Detail, number> => {
  const places = placesOf(profile)
  const shares = new Map<Detail, number>()
  for (const { node, us } of samplesOf(profile)) {
    const detail = places.get(node.id)
    if (detail !== undefined) shares.set(detail, (shares.get(detail) ?? 0) + us)
  }
  return shares
}

type Place = { readonly step: Step | 'other' | undefined; readonly detail: Detail | undefined }

/** From the root outwards: within a step, what was entered first decides, whatever it calls. */
const placesOf = ({ nodes }: Profile): Map<number, Detail | undefined> => {
  const byId = new Map(nodes.map((node) => [node.id, node]))
  const details = new Map<number, Detail | undefined>()
  const visit = (node: Profiler.ProfileNode, above: Place): void => {
    const place = placeOf(node.callFrame.url, above)
    details.set(node.id, place.detail)
    for (const child of node.children ?? []) {
      const found = byId.get(child)
      if (found !== undefined) visit(found, place)
    }
  }
  const [root] = nodes
  if (root !== undefined) visit(root, { step: undefined, detail: undefined })
  return details
}

const placeOf = (url: string, above: Place): Place => {
  const begun = stepOf.find(({ files }) => isIn(url, files))?.step
  const step = begun ?? above.step
  const own = details.filter((detail) => detail.step === step)
  const named = own.find(({ files }) => isIn(url, files))
  const rest = own.find(({ files }) => files.length === 0)
  const isDecided = step === above.step && above.detail !== undefined && above.detail !== rest
  return { step, detail: isDecided ? above.detail : (named ?? rest) }
}

const isIn = (url: string, files: readonly string[]): boolean => files.some((file) => url.includes(file))
