import { expect, it } from 'vitest'
import { Pass } from '../../bench/passes.ts'
import { type Step, StepClock } from '../../bench/step-clock.ts'
import { endsOn, enrichInSteps, reduceInSteps } from '../../bench/steps.ts'
import { Workload } from '../../bench/workload.ts'

const batches = () => {
  const workload = new Workload({ seed: 7, visitors: 100, perSecond: 5 })
  return [workload.batch(300), workload.batch(300)]
}

const stored = ({ objects }: Pass) =>
  new Map([...objects.objects].map(([key, { bytes }]) => [key, Buffer.from(bytes)]))

it('measures the steps of the pass that the functions make: same packs, same rows, same state', async () => {
  const [whole, inSteps] = [new Pass(), new Pass()]
  const clock = new StepClock()
  for (const batch of batches()) {
    const packs = await whole.enrich(batch)
    const packsInSteps = enrichInSteps(inSteps, clock, batch)
    expect(packsInSteps).toEqual(packs)
    await whole.aggregate(packs)
    await reduceInSteps(inSteps, clock, packsInSteps)
  }
  expect(inSteps.lakeBytes).toBe(whole.lakeBytes)
  expect(stored(inSteps)).toEqual(stored(whole))
})

it('gives every step its time, and none of it twice', async () => {
  const clock = new StepClock()
  const pass = new Pass({ handover: endsOn(clock) })
  const began = process.cpuUsage()
  for (const batch of batches()) await reduceInSteps(pass, clock, enrichInSteps(pass, clock, batch))
  const { user, system } = process.cpuUsage(began)
  const us = clock.take()
  const named: Step[] = ['decode', 'judge', 'measure', 'pack', 'unpack', 'fold', 'rows', 'commit', 'publish']
  expect([...us.keys()].toSorted()).toEqual(named.toSorted())
  expect([...us.values()].reduce((sum, value) => sum + value, 0)).toBeLessThanOrEqual(user + system)
  expect(clock.take().size).toBe(0)
})
