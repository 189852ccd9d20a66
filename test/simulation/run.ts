import { checkEnd, DurabilityCheck } from './checks.ts'
import { Random } from './random.ts'
import { settle } from './scheduler.ts'
import { settings, World } from './world.ts'

export type RunResult = {
  readonly seed: number
  readonly failures: readonly string[]
  readonly trace: readonly string[]
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
    await quiet(world)
    failures.push(...durability.failures, ...checkEnd(world))
  } catch (error) {
    failures.push(error instanceof Error ? (error.stack ?? error.message) : String(error))
  }
  return { seed, failures, trace: world.scheduler.trace }
}

const turmoil = async (world: World): Promise<void> => {
  const { random, scheduler } = world
  const endMs = world.nowMs + simulatedMs
  const quietTicks = random.chance(0.2)
  const flushing = random.chance(0.2)
  // A run with few polls has a backlog in front of enrich or of aggregate.
  const pollChance = random.pick([0.05, 0.2, 0.4])
  let nextTickMs = world.nowMs
  while (world.nowMs < endMs) {
    if (world.nowMs >= nextTickMs) {
      if (!quietTicks || random.chance(0.7)) world.tick()
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
  else if (choice < 0.95) mapping.replaceContainers()
  else if (choice < 0.98) world.deploy()
  else mapping.rewind()
}

const disturbStreams = (world: World): void => {
  const { random } = world
  const stream = random.chance(0.5) ? world.raw : world.laneStream
  world.scheduler.note(`reshard ${stream === world.raw ? 'raw' : 'lanes'}`)
  if (stream.openShards.length >= 3 || !random.chance(0.6)) stream.merge(world.nowMs)
  else stream.split(random.pick(stream.openShards).id, world.nowMs)
}

/** No more faults and no more events, but ticks, until every session is closed and every pane has left. */
const quiet = async (world: World): Promise<void> => {
  world.calmDown()
  world.enrich.endZombies()
  world.aggregate.endZombies()
  const endMs = world.nowMs + settings.gapMs + settings.latenessMs + 60_000 + 8 * tickMs
  for (let steps = 0; world.nowMs < endMs; ) {
    world.tick()
    world.advance(tickMs)
    do {
      if (++steps > maxSteps) throw new Error('the run does not come to rest')
      while (world.scheduler.step()) await settle()
      if (!(await world.enrich.poll()) && !(await world.aggregate.poll())) world.advance(2_500)
      await settle()
    } while (world.scheduler.hasCalls || !world.enrich.isDone || !world.aggregate.isDone)
  }
}
