import { inlineSegments, type Manifest, manifestKey, parseManifest } from '../../shared/core/lane/manifest.ts'
import { decodeSegment } from '../../shared/core/lane/segment.ts'
import { LaneState } from '../../shared/core/lane/state.ts'
import type { World } from './world.ts'

const parsed = new WeakMap<Uint8Array, Manifest>()

/** What was last committed of a lane; undefined when nothing was. */
export const committedManifest = (world: World, lane: number): Manifest | undefined => {
  const stored = world.objects.objects.get(manifestKey(lane))
  if (stored === undefined) return undefined
  const manifest = parsed.get(stored.bytes) ?? parseManifest(stored.bytes, { lane, lanes: world.lanes })
  parsed.set(stored.bytes, manifest)
  return manifest
}

/** The lanes as warm containers hold them, those that are up to date. */
export const warmStates = (world: World): LaneState[] =>
  world.aggregate.memories
    .flatMap(({ cache }) => [...cache.values()])
    .map(({ state }) => state)
    .filter(({ lane, version }) => committedManifest(world, lane)?.version === version)

/** The lanes as a function would load them now; throws when a segment is missing. */
export const committedStates = (world: World): LaneState[] =>
  Array.from({ length: world.lanes }, (_, lane) => committedState(world, lane)).filter(
    (state) => state !== undefined,
  )

/** One of them; undefined when nothing was ever committed of it. */
export const committedState = (world: World, lane: number): LaneState | undefined => {
  const manifest = committedManifest(world, lane)
  if (manifest === undefined) return undefined
  const { objects } = world.objects
  const inline = inlineSegments(objects.get(manifestKey(lane))?.bytes ?? Buffer.alloc(0), manifest)
  const deltas = manifest.segments.map(({ key }) => {
    const bytes = inline.get(key) ?? objects.get(key)?.bytes
    if (bytes === undefined) throw new Error(`the manifest of lane ${lane} names ${key}, which is gone`)
    return decodeSegment(bytes)
  })
  return new LaneState(structuredClone(manifest), deltas)
}
