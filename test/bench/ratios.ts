import type { KinesisEvent } from '../../shared/core/event/kinesis-event.ts'
import { besideFloor } from './beside-floor.ts'
import { costs, type Round, sum } from './measure.ts'
import type { Measured, Part, PartRun } from './part.ts'
import type { Pass } from './passes.ts'
import { batchEvents, batchesPerRound, steadyPass, timedStages } from './steady.ts'
import { costRow } from './table.ts'

type Stage = 'stage 1' | 'stage 2' | 'whole pass'

const titles: Readonly<Record<Stage, string>> = {
  'stage 1': 'stage 1: decode, judge, measure, pack',
  'stage 2': 'stage 2: unpack, fold, commit, rows',
  'whole pass': 'whole pass',
}

/** The floor and the two stages, in turns over the same batches. */
export const ratios: Part = {
  name: 'passes',
  title: 'What an event costs',
  sizes: ['check', 'usual', 'long'],
  run: async ({ rounds }: PartRun): Promise<Measured> => {
    const { pass, nextBatch } = await steadyPass(1)
    const before = { lakeBytes: pass.lakeBytes, accepted: pass.accepted, puts: pass.objects.puts }
    const measured: Round<Stage>[] = []
    let bytes = 0
    for (let round = 0; round < rounds; round++) {
      const found = await measureRound(pass, nextBatch)
      measured.push(found.round)
      bytes += found.bytes
    }
    const cost = costs(measured)
    const events = rounds * batchesPerRound * batchEvents
    const floorUs = sum(measured.map((round) => round.floorUs)) / events
    const rows = [
      ['floor: base64 and JSON.parse', floorUs.toFixed(2), '1.00', ''],
      ...[...cost].map(([stage, of]) => costRow(titles[stage], of)),
    ]
    const lakeBytes = (pass.lakeBytes - before.lakeBytes) / (pass.accepted - before.accepted)
    return {
      table: { columns: ['', 'µs/event', '× floor', 'middle half of the rounds'], rows },
      figures: new Map([['whole pass', cost.get('whole pass')?.timesFloor ?? Number.NaN]]),
      notes: [
        `${events} events of ${(bytes / events).toFixed(0)} bytes in ${rounds} rounds, ${lakeBytes.toFixed(0)} bytes of rows each, ` +
          `${(((pass.objects.puts - before.puts) * 1e6) / events).toFixed(0)} PUTs a million`,
      ],
    }
  },
}

const measureRound = async (
  pass: Pass,
  nextBatch: () => KinesisEvent,
): Promise<{ round: Round<Stage>; bytes: number }> => {
  let [bytes, floorUs, one, two] = [0, 0, 0, 0]
  for (let turn = 0; turn < batchesPerRound; turn++) {
    const batch = nextBatch()
    const beside = await besideFloor(batch, () => timedStages(pass, batch))
    bytes += bytesOf(batch)
    floorUs += beside.floorUs
    one += beside.answer.one
    two += beside.answer.two
  }
  const us = new Map<Stage, number>([
    ['stage 1', one],
    ['stage 2', two],
    ['whole pass', one + two],
  ])
  return { round: { events: batchesPerRound * batchEvents, floorUs, us }, bytes }
}

const bytesOf = ({ Records }: KinesisEvent): number =>
  sum(Records.map(({ kinesis }) => Buffer.byteLength(kinesis.data, 'base64')))
