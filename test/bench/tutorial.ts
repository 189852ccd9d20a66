import { besideFloor } from './beside-floor.ts'
import { type Cost, costs, type Round, timed } from './measure.ts'
import type { FigureName, Measured, Part, PartRun } from './part.ts'
import { batchEvents } from './steady.ts'
import { costRow } from './table.ts'
import { type Stub, tutorialWay } from './tutorial-way.ts'
import { Workload } from './workload.ts'

/** As many records as the tutorial's function is given at once. */
const tutorialEvents = 500
/** Rounds in which the SDK's code is compiled. */
const warmUp = 8
/** Its batches are small beside those of a pass. */
const perRound = 3

const stubs: readonly { readonly stub: Stub; readonly title: string; readonly figure?: FigureName }[] = [
  { stub: 'none', title: 'no client: each update is made and dropped' },
  {
    stub: 'send',
    title: 'send stubbed: the client answers at its first middleware',
    figure: 'faster than the tutorial, send stubbed',
  },
  {
    stub: 'http',
    title: 'marshalled and signed, HTTP stubbed',
    figure: 'faster than the tutorial, signed',
  },
]

/** Powertools' BatchProcessor and an UpdateItem for each count, beside the whole pass, which does a good deal more. */
export const tutorial: Part = {
  name: 'tutorial',
  title: 'The way of a tutorial',
  sizes: ['check', 'usual', 'long'],
  run: async ({ rounds, known }: PartRun): Promise<Measured> => {
    const figures = new Map<FigureName, number>()
    const rows: (readonly string[])[] = []
    const wholePass = known.get('whole pass')
    for (const { stub, title, figure } of stubs) {
      const cost = await measure(stub, rounds)
      const faster = wholePass === undefined ? undefined : cost.timesFloor / wholePass
      if (figure !== undefined && faster !== undefined) figures.set(figure, faster)
      rows.push([...costRow(title, cost), faster?.toFixed(2) ?? ''])
    }
    return {
      table: {
        columns: ['', 'µs/event', '× floor', 'middle half of the rounds', '× the whole pass'],
        rows,
      },
      figures,
      notes: [],
    }
  },
}

const measure = async (stub: Stub, rounds: number): Promise<Cost> => {
  const workload = new Workload({ seed: 3, visitors: 20_000, perSecond: 1_000 })
  const run = tutorialWay(stub)
  const measured: Round<'tutorial'>[] = []
  for (let round = -warmUp; round < rounds * perRound; round++) {
    // So few events are read too fast to be measured well.
    const many = workload.batch(batchEvents)
    const batch = workload.batch(tutorialEvents)
    const beside = await besideFloor(many, () => timed(() => run(batch)))
    const floorUs = (beside.floorUs * tutorialEvents) / batchEvents
    const { us } = beside.answer
    if (round >= 0) measured.push({ events: tutorialEvents, floorUs, us: new Map([['tutorial', us]]) })
  }
  const cost = costs(measured).get('tutorial')
  if (cost === undefined) throw new Error('no round was measured')
  // Each round does the same, unlike those of a pass: the middle one is not moved by one that was disturbed.
  return { ...cost, timesFloor: cost.middle }
}
