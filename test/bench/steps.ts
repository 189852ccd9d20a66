import latestTables from '../../analytics/latest.ts'
import { decodeRecord } from '../../shared/core/event/decode.ts'
import type { KinesisEvent } from '../../shared/core/event/kinesis-event.ts'
import { rawRecords } from '../../shared/core/event/kinesis-event.ts'
import type { JudgedEvent } from '../../shared/core/event/outcome.ts'
import type { LaneRecord } from '../../shared/core/lane/aggregate.ts'
import { commitLane } from '../../shared/core/lane/commit.ts'
import { defaultLaneSettings } from '../../shared/core/lane/fold.ts'
import { decodePack } from '../../shared/core/lane/pack.ts'
import { Packer } from '../../shared/core/lane/packer.ts'
import { compileLatest } from '../../shared/core/latest/compile.ts'
import { besideFloor } from './beside-floor.ts'
import { type Cost, costs, type Round, sum } from './measure.ts'
import type { Measured, Part, PartRun } from './part.ts'
import { type Handover, laneShard, lanes, type Pass } from './passes.ts'
import { profileOf } from './profile.ts'
import { type Detail, details, sharesOf } from './profile-shares.ts'
import { batchEvents, batchesPerRound, runBatch, steadyPass } from './steady.ts'
import { type Step, StepClock, steps } from './step-clock.ts'
import { costRow } from './table.ts'

const titles: Readonly<Record<Step, string>> = {
  decode: 'decode',
  judge: 'judge',
  measure: 'measure',
  pack: 'pack',
  unpack: 'unpack',
  fold: 'fold: dedupe, sessions, windows',
  rows: 'rows joined',
  commit: 'serialise the commit',
  publish: 'panes to publish',
}

/** Each step of a pass in turn, with the floor of the same batches; the parts of a step from samples of whole passes. */
export const breakdown: Part = {
  name: 'steps',
  title: 'The steps of a pass',
  sizes: ['usual', 'long'],
  run: async ({ rounds }: PartRun): Promise<Measured> => {
    const clock = new StepClock()
    const { pass, nextBatch } = await steadyPass(2, { handover: endsOn(clock) })
    clock.take()
    const measured: Round<Step>[] = []
    for (let round = 0; round < rounds; round++) {
      let floorUs = 0
      for (let turn = 0; turn < batchesPerRound; turn++) {
        const batch = nextBatch()
        const beside = await besideFloor(batch, async () => {
          await reduceInSteps(pass, clock, enrichInSteps(pass, clock, batch))
          await reduceInSteps(pass, clock, pass.marks(batch))
        })
        floorUs += beside.floorUs
      }
      measured.push({ events: batchesPerRound * batchEvents, floorUs, us: clock.take() })
    }
    const cost = costs(measured)
    const batches = Array.from({ length: batchesPerRound }, nextBatch)
    const profile = await profileOf(async () => {
      for (const batch of batches) await runBatch(pass, batch)
    })
    const shares = sharesOf(profile)
    const rows = steps.flatMap((step) => {
      const of = cost.get(step)
      return of === undefined ? [] : [costRow(titles[step], of), ...detailRows(step, of, shares)]
    })
    const whole = sum([...cost.values()].map(({ us }) => us))
    const timesFloor = sum([...cost.values()].map((of) => of.timesFloor))
    return {
      table: {
        columns: ['', 'µs/event', '× floor', 'middle half of the rounds'],
        rows: [...rows, ['all steps', whole.toFixed(2), timesFloor.toFixed(2), '']],
      },
      figures: new Map(),
      notes: [
        `What is set in is a share of its step, from ${profile.samples?.length ?? 0} samples of whole passes.`,
      ],
    }
  },
}

const detailRows = (step: Step, of: Cost, shares: ReadonlyMap<Detail, number>): readonly string[][] => {
  const own = details.filter((detail) => detail.step === step)
  const total = sum(own.map((detail) => shares.get(detail) ?? 0))
  return own.map((detail) => {
    const share = (shares.get(detail) ?? 0) / total
    return [`  ${detail.title}`, (of.us * share).toFixed(2), (of.timesFloor * share).toFixed(2), '']
  })
}

/** What a lane has done when it hands over. */
const stepBefore: Readonly<Record<Parameters<Handover>[0], Step>> = {
  lake: 'fold',
  taken: 'rows',
  commit: 'commit',
  metrics: 'publish',
}

export const endsOn =
  (clock: StepClock): Handover =>
  (to) =>
    clock.end(stepBefore[to])

const latestOf = compileLatest(latestTables)

/** As `enrichBatch` does, but each step for the whole batch before the next begins. */
export const enrichInSteps = (pass: Pass, clock: StepClock, batch: KinesisEvent): LaneRecord[] => {
  const { judge, measures } = pass
  clock.start()
  const records = rawRecords(batch)
  const decoded = records.map((record) => ({ record, items: decodeRecord(record) }))
  clock.end('decode')
  const judged: JudgedEvent[] = []
  for (const { record, items } of decoded)
    for (const item of items) if (item.kind !== 'control') judged.push(judge(item, record))
  clock.end('judge')
  const measured = judged.map((event) =>
    event.verdict === 'accepted' ? measures.measureEvent(event.fields) : [],
  )
  clock.end('measure')
  // The packer asks for the measures of each accepted event, in its turn.
  const known = measured.filter((_, place) => judged[place]?.verdict === 'accepted').values()
  const metrics = measures.descriptors
  const measure = () => known.next().value ?? []
  clock.start()
  const packer = new Packer({ lanes, metrics, measure, latestOf, settings: defaultLaneSettings })
  for (const event of judged) packer.add(event)
  const packs = packer.takeRecords()
  clock.end('pack')
  const arrivalMs = records.at(-1)?.arrivalMs ?? 0
  return packs.map(({ data }) => pass.laneRecord(data, arrivalMs))
}

/** As `aggregate` does, one lane after the other. */
export const reduceInSteps = async (
  pass: Pass,
  clock: StepClock,
  records: readonly LaneRecord[],
): Promise<void> => {
  clock.start()
  const inputs = records.map(({ sequenceNumber, arrivalMs, data }) => ({
    sequenceNumber,
    arrivalMs,
    pack: decodePack(data),
  }))
  clock.end('unpack')
  for (const [lane, own] of Map.groupBy(inputs, ({ pack }) => pack.lane)) {
    await commitLane({ lane, laneShard, inputs: own }, pass.laneContext)
    clock.end('publish')
  }
}
