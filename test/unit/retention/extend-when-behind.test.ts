import { describe, expect, it } from 'vitest'
import {
  behindMs,
  extendWhenBehind,
  lagOf,
  type RetentionPorts,
  streamsToExtend,
} from '../../../shared/core/retention/extend-when-behind.ts'

const nowMs = Date.UTC(2026, 10, 21, 12)
const settings = { streams: ['raw', 'lanes'], declaredHours: 24, extendedHours: 168, nowMs }

type Scene = {
  readonly clocks: readonly (number | undefined)[]
  readonly hours?: Readonly<Record<string, number>>
  /** A stream that Kinesis will not have changed now. */
  readonly refuses?: string
}

/** What is called, in order, and the streams as they are then. */
const ports = ({ clocks, hours = { raw: 24, lanes: 24 }, refuses }: Scene) => {
  const kept = new Map(Object.entries(hours))
  const extensions: string[] = []
  const all: RetentionPorts = {
    lanes: async () => clocks.map((clock) => (clock === undefined ? {} : { clock })),
    hoursKept: async (stream) => kept.get(stream) ?? Number.NaN,
    extend: async (stream, to) => {
      extensions.push(`${stream} ${to}`)
      if (stream === refuses) throw new Error(`${stream} is being resharded`)
      kept.set(stream, to)
    },
  }
  return { all, extensions }
}

const run = async (scene: Scene, changed: Partial<typeof settings> = {}) => {
  const { all, extensions } = ports(scene)
  return { extensions, retention: await extendWhenBehind({ ...settings, ...changed }, all) }
}

describe('the lag', () => {
  it('is that of the lane that is furthest behind', () => {
    expect(lagOf([{ clock: 900 }, { clock: 400 }, { clock: 700 }], 1_000)).toBe(600)
  })

  it('leaves out lanes that have no clock yet', () => {
    expect(lagOf([{}, { clock: 900 }], 1_000)).toBe(100)
  })

  it('is unknown while no lane has published, and while none of those that have has a clock', () => {
    expect(lagOf([], 1_000)).toBeUndefined()
    expect(lagOf([{}, {}], 1_000)).toBeUndefined()
  })
})

describe('streams', () => {
  const both = [
    { stream: 'raw', hours: 24 },
    { stream: 'lanes', hours: 24 },
  ]

  it('are extended one millisecond past the hour, and not at the hour', () => {
    expect(streamsToExtend(behindMs, both, 168)).toEqual([])
    expect(streamsToExtend(behindMs + 1, both, 168)).toEqual(both)
  })

  it('are left as they are when they keep as long, or longer, already', () => {
    const [raw] = both
    const kept = [{ stream: 'lanes', hours: 168 }, { stream: 'more', hours: 8760 }, ...(raw ? [raw] : [])]
    expect(streamsToExtend(behindMs + 1, kept, 168)).toEqual([raw])
  })

  it('are not extended for a lag that nobody knows', () => {
    expect(streamsToExtend(undefined, both, 168)).toEqual([])
  })
})

describe('retention', () => {
  const minute = 60_000
  const onTime = nowMs - 12 * minute
  const behind = nowMs - 61 * minute

  it('is extended for both streams when one lane of many is behind', async () => {
    const { extensions, retention } = await run({ clocks: [onTime, behind, onTime] })
    expect(extensions).toEqual(['raw 168', 'lanes 168'])
    expect(retention).toEqual({ lagMs: 61 * minute, extended: ['raw', 'lanes'], aboveDeclared: 2 })
  })

  it.each<[string, Scene]>([
    ['of a fresh deployment, whose lanes have not published', { clocks: [] }],
    ['of a stage that has lanes and no mark yet', { clocks: [undefined, undefined] }],
    ['while the lanes keep up, whatever comes in or does not', { clocks: [onTime, onTime] }],
  ])('is not extended %s', async (_, scene) => {
    const { extensions, retention } = await run(scene)
    expect(extensions).toEqual([])
    expect(retention).toMatchObject({ extended: [], aboveDeclared: 0 })
  })

  it('is extended once, and told of for as long as it lasts', async () => {
    const { all, extensions } = ports({ clocks: [behind] })
    const minutes = [await extendWhenBehind(settings, all), await extendWhenBehind(settings, all)]
    expect(extensions).toEqual(['raw 168', 'lanes 168'])
    expect(minutes.map(({ extended, aboveDeclared }) => [extended.length, aboveDeclared])).toEqual([
      [2, 2],
      [0, 2],
    ])
  })

  it('is not taken back when the lanes have caught up', async () => {
    const { extensions, retention } = await run({ clocks: [onTime], hours: { raw: 168, lanes: 168 } })
    expect(extensions).toEqual([])
    expect(retention).toMatchObject({ extended: [], aboveDeclared: 2 })
  })

  it('is nothing to tell of when the template itself says a week', async () => {
    const scene = { clocks: [behind], hours: { raw: 168, lanes: 168 } }
    const { extensions, retention } = await run(scene, { declaredHours: 168 })
    expect(extensions).toEqual([])
    expect(retention).toMatchObject({ extended: [], aboveDeclared: 0 })
  })

  it.each(['raw', 'lanes'])(
    'of the other stream is extended though %s refuses, and it fails',
    async (one) => {
      const { all, extensions } = ports({ clocks: [behind], refuses: one })
      await expect(extendWhenBehind(settings, all)).rejects.toThrow(`${one} is being resharded`)
      expect(extensions).toEqual(['raw 168', 'lanes 168'])
      await expect(extendWhenBehind(settings, all)).rejects.toThrow(`${one} is being resharded`)
      expect(extensions.slice(2)).toEqual([`${one} 168`])
    },
  )
})
