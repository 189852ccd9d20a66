import { describe, expect, it } from 'vitest'
import { resendRefused } from '../../../shared/core/lake/resend.ts'

/** A service that refuses each item as often as `refusals` says. */
const serviceOf = (refusals: Readonly<Record<string, number>>) => {
  const left = new Map(Object.entries(refusals))
  const calls: string[] = []
  const refuses = (item: string): boolean => {
    const times = left.get(item) ?? 0
    left.set(item, times - 1)
    return times > 0
  }
  return {
    calls,
    name: 'weir-test',
    put: async (items: readonly string[]) => {
      calls.push(items.join(''))
      return { refused: [...items.keys()].filter((place) => refuses(items[place] ?? '')), reason: 'Busy' }
    },
    pause: async (attempt: number) => void calls.push(`pause ${attempt}`),
  }
}

describe('resendRefused', () => {
  it('hands everything over once when all is taken', async () => {
    const service = serviceOf({})
    await resendRefused(['a', 'b', 'c'], service)
    expect(service.calls).toEqual(['abc'])
  })

  it('asks nothing for nothing', async () => {
    const service = serviceOf({})
    await resendRefused([], service)
    expect(service.calls).toEqual([])
  })

  it('sends again what was refused, and only that, in its order, after a pause that grows when none is taken', async () => {
    const service = serviceOf({ b: 1, d: 3 })
    await resendRefused(['a', 'b', 'c', 'd'], service)
    expect(service.calls).toEqual(['abcd', 'pause 1', 'bd', 'pause 1', 'd', 'pause 2', 'd'])
  })

  it('gives up at the twelfth refusal, and says who refused how much and why', async () => {
    const patient = serviceOf({ b: 11 })
    await resendRefused(['a', 'b'], patient)
    expect(patient.calls.filter((call) => call === 'b')).toHaveLength(11)
    await expect(resendRefused(['a', 'b'], serviceOf({ b: 12 }))).rejects.toThrow(
      'weir-test refused 1 records 12 times; last: Busy',
    )
  })

  it('goes on for as long as some are taken each time, and gives up sooner when it is told to', async () => {
    const refusals = Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`item ${i}`, i]))
    const slow = serviceOf(refusals)
    await resendRefused(Object.keys(refusals), slow)
    expect(slow.calls.filter((call) => call.startsWith('pause'))).toEqual(Array(19).fill('pause 1'))
    const impatient = { ...serviceOf({ b: 3 }), maxAttempts: 3 }
    await expect(resendRefused(['b'], impatient)).rejects.toThrow('refused 1 records 3 times')
  })

  it('passes a fault of the service on', async () => {
    const broken = { ...serviceOf({}), put: () => Promise.reject(new Error('no such stream')) }
    await expect(resendRefused(['a'], broken)).rejects.toThrow('no such stream')
  })
})
