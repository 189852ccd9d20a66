import { describe, expect, it } from 'vitest'
import type { FigureName, Figures, Part } from '../../bench/part.ts'
import { choose, type Listener, type PartResult, runParts } from '../../bench/run-parts.ts'

const part = (
  name: string,
  figures: readonly (readonly [FigureName, number])[],
  seen: Figures[] = [],
): Part => ({
  name,
  title: name,
  sizes: ['check', 'long'],
  run: async ({ known }) => {
    seen.push(new Map(known))
    return { table: { columns: [], rows: [] }, figures: new Map(figures), notes: [] }
  },
})

const silent: Listener = { progress() {}, result() {} }

const namesOf = (chosen: readonly Part[]): string[] => chosen.map(({ name }) => name)

describe('the parts of the benchmark', () => {
  it('know the figures of those before them', async () => {
    const seen: Figures[] = []
    const first = part('first', [['whole pass', 4]], seen)
    const second = part('second', [['growth with events', 1]], seen)
    const figures = await runParts([first, second], { size: 'check', rounds: 1 }, silent)
    expect(seen).toEqual([new Map(), new Map([['whole pass', 4]])])
    expect(figures).toEqual(
      new Map([
        ['whole pass', 4],
        ['growth with events', 1],
      ]),
    )
  })

  it('are told of one by one, before the next begins', async () => {
    const told: string[] = []
    const failing: Part = { ...part('last', []), run: () => Promise.reject(new Error('no disk')) }
    const listener = { ...silent, result: (result: PartResult) => told.push(result.part.name) }
    const run = runParts([part('first', []), failing], { size: 'long', rounds: 1 }, listener)
    await expect(run).rejects.toThrow('no disk')
    expect(told).toEqual(['first'])
  })

  it('go on after one that failed, when somebody is told of it', async () => {
    const told: string[] = []
    const failing: Part = { ...part('first', []), run: () => Promise.reject(new Error('no disk')) }
    const figures = await runParts(
      [failing, part('last', [['whole pass', 4]])],
      { size: 'long', rounds: 1 },
      {
        progress: (of, line) => told.push(`${of.name} ${line}`),
        result: (result) => told.push(`${result.part.name} is measured`),
        failure: (of, error) => told.push(`${of.name}: ${error}`),
      },
    )
    expect(told).toEqual(['first begins', 'first: Error: no disk', 'last begins', 'last is measured'])
    expect(figures).toEqual(new Map([['whole pass', 4]]))
  })

  it('are chosen by name and keep their order', () => {
    const all = [part('a', []), part('b', []), part('c', [])]
    expect(namesOf(choose(all, { size: 'check', only: 'c,a' }))).toEqual(['a', 'c'])
    expect(namesOf(choose(all, { size: 'check', only: undefined }))).toEqual(['a', 'b', 'c'])
    expect(() => choose(all, { size: 'check', only: 'a,d' })).toThrow('no part d; there are a, b, c')
  })

  it('are left out of a run that is not of their size', () => {
    const all = [part('a', []), { ...part('b', []), sizes: ['long'] } satisfies Part]
    expect(namesOf(choose(all, { size: 'check', only: undefined }))).toEqual(['a'])
    expect(namesOf(choose(all, { size: 'long', only: undefined }))).toEqual(['a', 'b'])
    expect(() => choose(all, { size: 'check', only: 'b' })).toThrow('no part b; there are a')
  })
})
