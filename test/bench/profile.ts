import { type Profiler, Session } from 'node:inspector/promises'
import { relative } from 'node:path'
import { fileURLToPath } from 'node:url'

export type Profile = Profiler.Profile

const samplingIntervalUs = 200
const projectDir = fileURLToPath(new URL('../..', import.meta.url))

/** Samples of where the time goes while it runs. */
export const profileOf = async (run: () => Promise<void>): Promise<Profile> => {
  const session = new Session()
  session.connect()
  try {
    await session.post('Profiler.enable')
    await session.post('Profiler.setSamplingInterval', { interval: samplingIntervalUs })
    await session.post('Profiler.start')
    await run()
    return (await session.post('Profiler.stop')).profile
  } finally {
    session.disconnect()
  }
}

export type SelfTime = { readonly name: string; readonly share: number }

/** The functions that take most, without what they call. */
export const topOf = (profile: Profile, count: number): SelfTime[] => {
  const times = new Map<string, number>()
  let total = 0
  for (const { node, us } of samplesOf(profile)) {
    const name = nameOf(node)
    times.set(name, (times.get(name) ?? 0) + us)
    total += us
  }
  const sorted = [...times].sort(([, a], [, b]) => b - a)
  return sorted.slice(0, count).map(([name, us]) => ({ name, share: us / total }))
}

/** Each sample, with the time until the next. Idle ones are left out: nothing of ours waits for anything. */
export function* samplesOf(profile: Profile): Generator<{ node: Profiler.ProfileNode; us: number }> {
  const nodes = new Map(profile.nodes.map((node) => [node.id, node]))
  const deltas = profile.timeDeltas ?? []
  for (const [place, id] of (profile.samples ?? []).entries()) {
    const node = nodes.get(id)
    // A delta leads to its own sample; what a sample stands for is the one after it.
    const us = deltas[place + 1] ?? 0
    if (node !== undefined && node.callFrame.functionName !== '(idle)') yield { node, us }
  }
}

const nameOf = ({ callFrame: { functionName, url, lineNumber } }: Profiler.ProfileNode): string => {
  const name = functionName === '' ? '(anonymous)' : functionName
  if (url === '') return name
  const file = url.startsWith('file:') ? relative(projectDir, fileURLToPath(url)) : url
  return `${name} ${file}:${lineNumber + 1}`
}
