import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { originWords } from '../../../shared/core/lane/origin-words.ts'
import type { ListedShard } from '../../../shared/core/lane/pack.ts'
import { forgetAfterMs, Progress, settleMs } from '../../../shared/core/lane/progress.ts'
import { markPack, rawShard, sequence } from '../../support/lane-events.ts'
import { originList } from '../../support/origin-texts.ts'

const listed = (id: string, parents: readonly string[] = [], open = true): ListedShard => ({
  id,
  parents,
  open,
})

const split = [listed('p', [], false), listed('c', ['p'])]

/** A mark of a shard, through record `at` that arrived at that time, and its twin that makes it act. */
const speak = (
  progress: Progress,
  of: { shard: string; at: number; shards: readonly ListedShard[] },
): void => {
  const { shard, at, shards } = of
  progress.apply(markPack({ shard, n: at, arrival: at, shards }), at)
  progress.apply(markPack({ shard, n: at + 1, arrival: at + 1, shards }), at + settleMs)
}

describe('a mark', () => {
  it('does nothing by itself', () => {
    const progress = new Progress()
    expect(progress.apply(markPack({ n: 5, arrival: 500 }), 1_000)).toBe(false)
    expect(progress.clock()).toBeUndefined()
    expect(progress.isThrough(rawShard, sequence(5))).toBe(false)
  })

  it('acts when the next one arrives in the lane exactly the settling time later', () => {
    const progress = new Progress()
    progress.apply(markPack({ n: 5, arrival: 500 }), 1_000)
    expect(progress.apply(markPack({ n: 9, arrival: 900 }), 1_000 + settleMs)).toBe(true)
    expect(progress.clock()).toBe(500)
    expect(progress.isThrough(rawShard, sequence(5))).toBe(true)
    expect(progress.isThrough(rawShard, sequence(6))).toBe(false)
  })

  it('still waits when the next one arrives a millisecond sooner, and acts at one that is late enough', () => {
    const progress = new Progress()
    progress.apply(markPack({ n: 5, arrival: 500 }), 1_000)
    expect(progress.apply(markPack({ n: 7, arrival: 700 }), 1_000 + settleMs - 1)).toBe(false)
    expect(progress.clock()).toBeUndefined()
    expect(progress.apply(markPack({ n: 9, arrival: 900 }), 1_000 + settleMs)).toBe(true)
    expect(progress.clock()).toBe(500)
  })

  it('is not its own successor when it is delivered twice', () => {
    const progress = new Progress()
    progress.apply(markPack({ n: 5, arrival: 500 }), 1_000)
    expect(progress.apply(markPack({ n: 5, arrival: 500 }), 1_000 + settleMs)).toBe(false)
    expect(progress.isThrough(rawShard, sequence(5))).toBe(false)
  })

  it('that is older than the last one is ignored', () => {
    const progress = new Progress()
    progress.apply(markPack({ n: 5, arrival: 500 }), 1_000)
    expect(progress.apply(markPack({ n: 4, arrival: 400 }), 1_000 + settleMs)).toBe(false)
    progress.apply(markPack({ n: 6, arrival: 600 }), 1_000 + settleMs)
    expect(progress.apply(markPack({ n: 5, arrival: 500 }), 1_000 + 3 * settleMs)).toBe(false)
    expect(progress.clock()).toBe(500)
  })

  it('compares sequence numbers as integers, whatever their length', () => {
    const progress = new Progress()
    progress.apply(markPack({ through: '9', arrival: 1 }), 0)
    expect(progress.apply(markPack({ through: '10', arrival: 2 }), settleMs)).toBe(true)
    expect(progress.isThrough(rawShard, '10')).toBe(false)
    expect(progress.isThrough(rawShard, '9')).toBe(true)
  })
})

describe('the clock', () => {
  it('is the least over the listed shards', () => {
    const progress = new Progress()
    const shards = [listed('a'), listed('b')]
    speak(progress, { shard: 'a', at: 900, shards })
    speak(progress, { shard: 'b', at: 300, shards })
    expect(progress.clock()).toBe(300)
  })

  it('is unknown while a listed shard without parents was never heard of', () => {
    const progress = new Progress()
    speak(progress, { shard: 'a', at: 900, shards: [listed('a'), listed('b')] })
    expect(progress.clock()).toBeUndefined()
  })

  it('does not go back when arrival times of a shard do', () => {
    const progress = new Progress()
    progress.apply(markPack({ n: 1, arrival: 900 }), 0)
    progress.apply(markPack({ n: 2, arrival: 300 }), settleMs)
    progress.apply(markPack({ n: 3, arrival: 400 }), 2 * settleMs)
    expect(progress.clock()).toBe(900)
  })

  it('takes the list that was issued last, not the one that came last', () => {
    const progress = new Progress()
    const first = markPack({ shard: 'a', n: 1, arrival: 1, issuedAt: 10, shards: [listed('a')] })
    const older = markPack({ shard: 'a', n: 2, arrival: 2, issuedAt: 9, shards: [listed('a'), listed('b')] })
    progress.apply(first, 0)
    progress.apply(older, settleMs)
    expect(progress.clock()).toBe(1)
  })
})

describe('a split', () => {
  const before = [listed('p')]
  const after = [listed('p', [], false), listed('c', ['p']), listed('d', ['p'])]

  it('leaves the clock at the parent until both children have spoken', () => {
    const progress = new Progress()
    speak(progress, { shard: 'p', at: 100, shards: before })
    speak(progress, { shard: 'c', at: 700, shards: after })
    expect(progress.clock()).toBe(100)
    speak(progress, { shard: 'd', at: 500, shards: after })
    expect(progress.clock()).toBe(500)
  })

  it('has folded all of the parent once a child has spoken, and not at the child\u2019s first mark', () => {
    const progress = new Progress()
    speak(progress, { shard: 'p', at: 100, shards: before })
    progress.apply(markPack({ shard: 'c', n: 200, arrival: 200, shards: after }), 200)
    expect(progress.isThrough('p', sequence(150))).toBe(false)
    progress.apply(markPack({ shard: 'c', n: 300, arrival: 300, shards: after }), 200 + settleMs)
    expect(progress.isThrough('p', sequence(150))).toBe(true)
  })

  it('lets a closed parent say nothing more', () => {
    const progress = new Progress()
    speak(progress, { shard: 'p', at: 100, shards: before })
    speak(progress, { shard: 'c', at: 200, shards: after })
    speak(progress, { shard: 'p', at: 900, shards: after })
    expect(progress.snapshot().through.p).toMatchObject({ closed: true, pending: null, arrival: 100 })
  })

  it('closes grandparents with the parents', () => {
    const progress = new Progress()
    const shards = [listed('g', [], false), listed('p', ['g'], false), listed('c', ['p'])]
    speak(progress, { shard: 'c', at: 100, shards })
    expect(progress.isThrough('g', sequence(1))).toBe(true)
  })
})

describe('a closed shard', () => {
  const dayMs = 86_400_000
  const trimmed = [listed('c', [], false), listed('g', ['c'])]
  /** p ends at 100; its child speaks at `closed`, and is split in turn. */
  const closedAt = (closed: number): Progress => {
    const progress = new Progress()
    speak(progress, { shard: 'p', at: 100, shards: [listed('p')] })
    speak(progress, { shard: 'c', at: closed, shards: split })
    return progress
  }
  const isKnown = (progress: Progress, shard = 'p') => shard in progress.snapshot().through

  it('is forgotten once it is listed no more and its records are beyond every stream', () => {
    const progress = closedAt(200)
    speak(progress, { shard: 'g', at: 200 + forgetAfterMs, shards: trimmed })
    expect(isKnown(progress)).toBe(true)
    const arrival = 202 + forgetAfterMs
    progress.apply(markPack({ shard: 'g', n: arrival, arrival, shards: trimmed }), arrival + 2 * settleMs)
    expect(progress.clock()).toBe(201 + forgetAfterMs)
    expect(isKnown(progress)).toBe(false)
  })

  it('is kept as long as it is listed', () => {
    const progress = closedAt(200)
    const shards = [listed('p', [], false), ...trimmed]
    speak(progress, { shard: 'g', at: 300 * dayMs, shards })
    expect(isKnown(progress)).toBe(true)
  })

  it('is kept as long as a shard is listed that came of it', () => {
    const progress = closedAt(200)
    speak(progress, { shard: 'c', at: 300 * dayMs, shards: [listed('c', ['p'])] })
    expect(isKnown(progress)).toBe(true)
    expect(progress.isThrough('p', sequence(150))).toBe(true)
  })

  // Between its last mark and its end tick may have been silent for days, while records came.
  it('is kept by its end, not by its last mark', () => {
    const progress = closedAt(6 * dayMs)
    speak(progress, { shard: 'g', at: 100 + forgetAfterMs + dayMs, shards: trimmed })
    expect(isKnown(progress)).toBe(true)
    expect(progress.isThrough('p', sequence(5 * dayMs))).toBe(true)
  })

  it('is kept while another shard is behind: what is in front of the lane may be as old', () => {
    const progress = closedAt(200)
    const shards = [...trimmed, listed('slow')]
    speak(progress, { shard: 'slow', at: 300, shards })
    speak(progress, { shard: 'g', at: 300 * dayMs, shards })
    expect(isKnown(progress)).toBe(true)
  })

  it('that closed without a mark of its own is forgotten too', () => {
    const progress = new Progress()
    speak(progress, { shard: 'c', at: 200, shards: split })
    expect(isKnown(progress)).toBe(true)
    speak(progress, { shard: 'g', at: 201 + forgetAfterMs, shards: trimmed })
    expect(isKnown(progress)).toBe(false)
  })

  it('that a manifest without the time of its end speaks of is kept as long again', () => {
    const progress = new Progress()
    const end = 5 * dayMs
    progress.restore({
      through: {
        p: { through: sequence(1), arrival: 1, pending: null, parents: [], closed: true },
        g: { through: sequence(end), arrival: end, pending: null, parents: ['c'], closed: false },
      },
      list: { issuedAt: end, shards: trimmed },
    })
    speak(progress, { shard: 'g', at: end + dayMs, shards: trimmed })
    speak(progress, { shard: 'g', at: end + forgetAfterMs, shards: trimmed })
    expect(isKnown(progress)).toBe(true)
    speak(progress, { shard: 'g', at: end + 2 * dayMs + forgetAfterMs, shards: trimmed })
    expect(isKnown(progress)).toBe(false)
  })

  it('does not make the manifest grow when a stream is split and merged every day', () => {
    const progress = new Progress()
    const listedDays = 8
    let names: string[] = ['0']
    let days: ListedShard[][] = [[listed('0')]]
    for (let day = 1; day <= 60; day++) {
      const parents = names
      names = parents.length === 1 ? [`${day}a`, `${day}b`] : [`${day}`]
      const born = names.map((id) => listed(id, parents))
      days = [...days.map((shards) => shards.map((shard) => ({ ...shard, open: false }))), born].slice(
        -listedDays,
      )
      for (const { id } of born) speak(progress, { shard: id, at: day * dayMs, shards: days.flat() })
    }
    expect(Object.keys(progress.snapshot().through).length).toBeLessThan(2 * (listedDays + 2))
  })

  it.each(['retentionHours', 'extendedRetentionHours'])(
    'is remembered for longer than the raw stream keeps a record, and a day: %s',
    (parameter) => {
      const { params } = parse(readFileSync('serverless.yml', 'utf8'))
      const retentionMs = params.default[parameter] * 3_600_000
      expect(forgetAfterMs).toBeGreaterThanOrEqual(retentionMs + dayMs)
    },
  )
})

describe('a merge', () => {
  it('starts the child at the least of its parents', () => {
    const progress = new Progress()
    const before = [listed('a'), listed('b')]
    speak(progress, { shard: 'a', at: 100, shards: before })
    speak(progress, { shard: 'b', at: 200, shards: before })
    const after = [listed('a', [], false), listed('b', [], false), listed('m', ['a', 'b'])]
    progress.apply(markPack({ shard: 'm', n: 900, arrival: 900, shards: after }), 900)
    expect(progress.clock()).toBe(100)
    progress.apply(markPack({ shard: 'm', n: 999, arrival: 999, shards: after }), 900 + settleMs)
    expect(progress.clock()).toBe(900)
    expect(progress.isThrough('b', sequence(888))).toBe(true)
  })
})

describe('origins', () => {
  const remember = (progress: Progress, n: number, { index = 0, shard = rawShard } = {}): boolean =>
    progress.remember(shard, originWords(sequence(n), index))

  it('are redeliveries once they were folded, each index by itself', () => {
    const progress = new Progress()
    expect(remember(progress, 3, { index: 1 })).toBe(true)
    expect(remember(progress, 3, { index: 1 })).toBe(false)
    expect(remember(progress, 3)).toBe(true)
    expect(remember(progress, 3, { index: 1, shard: 'other' })).toBe(true)
    expect(progress.recordsBeyond).toBe(2)
  })

  it('are redeliveries at the mark and below it, and are no longer remembered one by one', () => {
    const progress = new Progress()
    for (const n of [1, 500, 501]) remember(progress, n)
    speak(progress, { shard: rawShard, at: 500, shards: [listed(rawShard)] })
    expect(progress.recordsBeyond).toBe(1)
    expect([500, 501].map((n) => progress.isThrough(rawShard, sequence(n)))).toEqual([true, false])
    expect(remember(progress, 501)).toBe(false)
    expect(remember(progress, 501, { index: 7 })).toBe(true)
  })

  it('of a segment are remembered again, but for those that are through', () => {
    const progress = new Progress()
    speak(progress, { shard: rawShard, at: 500, shards: [listed(rawShard)] })
    const origins = originList([1, 500, 501, 502].map((n) => [sequence(n), 0]))
    progress.rememberAll(rawShard, origins)
    progress.rememberAll('other', origins)
    expect(progress.recordsBeyond).toBe(2 + 4)
    expect(remember(progress, 502)).toBe(false)
  })

  it('of a shard whose children have spoken are not worth keeping', () => {
    const progress = new Progress()
    remember(progress, 900, { shard: 'p' })
    speak(progress, { shard: 'c', at: 200, shards: split })
    expect(progress.recordsBeyond).toBe(0)
    progress.rememberAll('p', originList([[sequence(901), 0]]))
    expect(progress.recordsBeyond).toBe(0)
  })

  it('survive a restart with the marks that wait', () => {
    const progress = new Progress()
    progress.apply(markPack({ n: 5, arrival: 500 }), 1_000)
    const restarted = new Progress()
    restarted.restore(JSON.parse(JSON.stringify(progress.snapshot())))
    expect(restarted.apply(markPack({ n: 6, arrival: 600 }), 1_000 + settleMs)).toBe(true)
    expect(restarted.clock()).toBe(500)
  })
})
