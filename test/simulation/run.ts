import { DurabilityCheck } from './check-durability.ts'
import { checkEnd } from './check-end.ts'
import { checkHeld } from './check-held.ts'
import { checkMidway } from './check-lanes.ts'
import { most } from './code.ts'
import { Random } from './random.ts'
import type { Scene } from './scenes.ts'
import { settle, type TraceLine } from './scheduler.ts'
import { World } from './world.ts'

export type RunResult = {
  readonly seed: number
  readonly failures: readonly string[]
  readonly trace: readonly TraceLine[]
  /** How often what was played. */
  readonly scenes: ReadonlyMap<Scene, number>
}

const simulatedMs = 3.5 * 60_000
/** Production ticks every minute; here all times are shorter by a factor of three or more. */
const tickMs = 20_000
/** More than any run needs: a run that does not end is a failure too. */
const maxSteps = 40_000

/** One run: a workload under faults, then quiet until everything is through, then the comparison. */
export const runSeed = async (seed: number): Promise<RunResult> => {
  const random = new Random(seed)
  const world = new World(random)
  const durability = new DurabilityCheck(world)
  const failures: string[] = []
  try {
    await turmoil(world)
    await workOff(world)
    failures.push(...checkMidway(world), ...checkHeld(world))
    await quiet(world)
    failures.push(...durability.failures, ...checkEnd(world), ...checkHeld(world))
  } catch (error) {
    failures.push(error instanceof Error ? (error.stack ?? error.message) : String(error))
  }
  const { trace, scenes } = world.scheduler
  return { seed, failures, trace, scenes }
}

const turmoil = async (world: World): Promise<void> => {
  const { random, scheduler } = world
  const endMs = world.nowMs + simulatedMs
  const quietTicks = random.chance(0.2)
  const flushing = random.chance(0.2)
  const deploying = random.chance(0.4)
  const rotating = random.chance(0.2)
  // A run with few polls has a backlog in front of enrich or of aggregate.
  const pollChance = random.pick([0.05, 0.2, 0.4])
  let nextTickMs = world.nowMs
  while (world.nowMs < endMs) {
    if (world.nowMs >= nextTickMs) {
      if (!quietTicks || random.chance(0.7)) world.tick()
      else scheduler.play('tick left out')
      world.rotateKeys()
      nextTickMs += tickMs
    }
    const choice = random.next()
    if (choice < 0.05) world.produce()
    else if (choice < 0.1) world.advance(random.between(1_000, 12_000))
    else if (choice < 0.1 + pollChance) await poll(world)
    else if (choice > 0.999) disturbStreams(world)
    else if (choice > 0.99) disturbReaders(world)
    else if (choice > 0.988 && flushing) world.flush()
    else if (choice > 0.984) world.forge()
    else if (choice > 0.9835) world.litter()
    else if (choice > 0.981 && deploying) world.deploy()
    else if (choice > 0.98 && rotating) world.beginRotation()
    else {
      if (!scheduler.step()) world.advance(random.between(500, 3_000))
      world.advance(random.between(0, 40))
    }
    await settle()
  }
}

const poll = async (world: World): Promise<void> => {
  const [first, second] = world.random.chance(0.5)
    ? [world.enrich, world.aggregate]
    : [world.aggregate, world.enrich]
  if (!(await first.poll())) await second.poll()
}

const disturbReaders = (world: World): void => {
  const { random } = world
  const mapping = random.chance(0.3) ? world.enrich : world.aggregate
  const choice = random.next()
  if (choice < 0.5) mapping.interrupt()
  else if (choice < 0.7) mapping.thaw()
  else if (choice < 0.85) mapping.addZombie()
  else if (choice < 0.97) mapping.replaceContainers()
  else mapping.rewind()
}

const disturbStreams = (world: World): void => {
  const { random, scheduler, raw, laneStream } = world
  const [stream, name] = random.chance(0.5) ? [raw, 'raw' as const] : [laneStream, 'lane' as const]
  scheduler.note(`reshard ${name}`)
  if (stream.openShards.length < 3 && random.chance(0.6)) {
    stream.split(random.pick(stream.openShards).id, world.nowMs)
    scheduler.play(`${name} shard split`)
  } else if (stream.merge(world.nowMs)) scheduler.play(`${name} shards merged`)
}

/** No more faults, no more events, and no tick: all that was sent arrives. */
const workOff = async (world: World): Promise<void> => {
  world.calmDown()
  world.enrich.endZombies()
  world.aggregate.endZombies()
  await drain(world, 0)
}

/** Nothing but ticks, until every session is closed and every pane has left. */
const quiet = async (world: World): Promise<void> => {
  const endMs = world.nowMs + most.gapMs + most.latenessMs + 60_000 + 8 * tickMs
  let steps = 0
  for (let ticks = 1; world.nowMs < endMs; ticks++) {
    world.tick()
    if (world.keys.isRotating) endRotation(world, ticks)
    world.advance(tickMs)
    steps = await drain(world, steps)
  }
}

const endRotation = (world: World, ticks: number): void => {
  world.rotateKeys()
  if (ticks === 3) world.retireOldKey()
  if (ticks === 5) world.useRetiredKey()
}

/** Lets everything happen that waits to happen; answers how many steps that took, with those before. */
const drain = async (world: World, stepsBefore: number): Promise<number> => {
  let steps = stepsBefore
  do {
    if (++steps > maxSteps) throw new Error('the run does not come to rest')
    while (world.scheduler.step()) await settle()
    if (!(await world.enrich.poll()) && !(await world.aggregate.poll())) world.advance(2_500)
    await settle()
  } while (world.scheduler.hasCalls || !world.enrich.isDone || !world.aggregate.isDone)
  return steps
}
