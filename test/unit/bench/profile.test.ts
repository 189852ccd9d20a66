import { describe, expect, it } from 'vitest'
import { type Profile, profileOf, topOf } from '../../bench/profile.ts'
import { details, sharesOf } from '../../bench/profile-shares.ts'

type Frame = { readonly name: string; readonly file?: string; readonly children?: readonly number[] }

/** One sample a frame, by its place, each so many microseconds long. */
const profile = (frames: readonly Frame[], us: readonly number[]): Profile => ({
  nodes: frames.map(({ name, file = '', children = [] }, id) => ({
    id,
    callFrame: {
      functionName: name,
      scriptId: '0',
      url: file.startsWith('node:') || file === '' ? file : `${new URL('../../../', import.meta.url)}${file}`,
      lineNumber: 6,
      columnNumber: 0,
    },
    children: [...children],
  })),
  startTime: 0,
  endTime: 0,
  samples: [...frames.keys(), 0],
  timeDeltas: [0, ...us],
})

const shareOf = (profiled: Profile): Record<string, number> =>
  Object.fromEntries(
    details.flatMap((detail) => {
      const us = sharesOf(profiled).get(detail)
      return us === undefined ? [] : [[`${detail.step}: ${detail.title}`, us]]
    }),
  )

describe('self time', () => {
  it('is that of the function itself, with its place, most first', () => {
    const profiled = profile(
      [
        { name: '(root)', children: [1] },
        { name: 'outer', file: 'shared/core/a.ts', children: [2] },
        { name: 'inner', file: 'shared/core/b.ts' },
      ],
      [0, 10, 30],
    )
    expect(topOf(profiled, 2)).toEqual([
      { name: 'inner shared/core/b.ts:7', share: 0.75 },
      { name: 'outer shared/core/a.ts:7', share: 0.25 },
    ])
  })

  it('adds up a function that is called from several places', () => {
    const profiled = profile(
      [{ name: '(root)', children: [1, 2] }, { name: 'hash' }, { name: 'hash' }],
      [0, 10, 30],
    )
    expect(topOf(profiled, 5)[0]).toEqual({ name: 'hash', share: 1 })
  })

  it('leaves out the time in which nothing ran', () => {
    const profiled = profile(
      [{ name: '(root)', children: [1, 2] }, { name: '(idle)' }, { name: 'work' }],
      [0, 90, 10],
    )
    expect(topOf(profiled, 5)).toContainEqual({ name: 'work', share: 1 })
  })

  it('finds the function of a real run that takes most', async () => {
    const burn = () => {
      let text = ''
      for (let i = 0; i < 300_000; i++) text = JSON.stringify({ i, text: text.slice(0, 20) })
      return text
    }
    const profiled = await profileOf(async () => {
      burn()
    })
    expect(topOf(profiled, 3).map(({ name }) => name)).toContainEqual(expect.stringMatching(/burn|stringify/))
  })
})

describe('shares of a step', () => {
  it('go by what the step entered first, whatever that calls', () => {
    const profiled = profile(
      [
        { name: '(root)', children: [1] },
        { name: 'judge', file: 'shared/core/event/judge.ts', children: [2, 4] },
        { name: 'eventRow', file: 'shared/core/lake/event-row.ts', children: [3] },
        { name: 'textAt', file: 'shared/core/enrichment/text.ts' },
        { name: 'enrich', file: 'shared/core/enrichment/enrich.ts' },
      ],
      [1, 2, 4, 8, 16],
    )
    expect(shareOf(profiled)).toEqual({ 'judge: row': 12, 'judge: enrich': 16, 'judge: the rest of it': 2 })
  })

  it('leave out a step that begins inside another', () => {
    const profiled = profile(
      [
        { name: '(root)', children: [1] },
        { name: 'add', file: 'shared/core/lane/packer.ts', children: [2, 3] },
        { name: 'measureEvent', file: 'shared/core/metric/compile.ts' },
        { name: 'zstdCompressSync', file: 'node:zlib' },
      ],
      [1, 2, 4, 8],
    )
    expect(shareOf(profiled)).toEqual({ 'pack: encode': 2, 'pack: compress': 8 })
  })

  it('know the compression of a pack from that of a segment', () => {
    const profiled = profile(
      [
        { name: '(root)', children: [1] },
        { name: 'commitLane', file: 'shared/core/lane/commit.ts', children: [2] },
        { name: 'zstdCompressSync', file: 'node:zlib' },
      ],
      [1, 2, 4],
    )
    expect(shareOf(profiled)).toEqual({})
  })
})
