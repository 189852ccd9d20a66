import { gunzipSync } from 'node:zlib'
import { expect, it } from 'vitest'
import { type ClientsOptions, createClients } from '../../../commands/cost/clients.ts'

const startMs = Date.UTC(2026, 10, 20, 12)
const minuteMs = 60_000

const clients = (more: Partial<ClientsOptions> = {}, scenario = {}) =>
  createClients({
    scenario: { eventBytes: 1_500, eventsPerRecord: 1, gzip: false, ...scenario },
    eventsPerSecond: 20,
    startMs,
    seed: 7,
    ...more,
  })
const texts = (records: readonly { data: Uint8Array }[]) =>
  records.map(({ data }) => Buffer.from(data).toString())

it('fills each event up to the size that is asked for, and leaves it JSON', () => {
  const { records, events } = clients().takeUntil(startMs + minuteMs)
  expect(records.length).toBe(events)
  expect(new Set(records.map(({ data }) => data.length))).toEqual(new Set([1_500]))
  for (const text of texts(records)) expect(JSON.parse(text)).toHaveProperty('context.shown')
})

it('leaves an event as it is that is larger', () => {
  const { records } = clients({}, { eventBytes: 10 }).takeUntil(startMs + minuteMs)
  for (const text of texts(records)) expect(JSON.parse(text)).not.toHaveProperty('context.shown')
})

it('sends at the rate that is asked for, in one step or many', () => {
  const minutes = 40
  const slow = () => clients({ eventsPerSecond: 5 }, { eventBytes: 1 })
  const steps = slow()
  let stepped = 0
  for (let minute = 1; minute <= minutes; minute++)
    stepped += steps.takeUntil(startMs + minute * minuteMs).events
  const { events } = slow().takeUntil(startMs + minutes * minuteMs)
  expect(stepped).toBe(events)
  expect(events).toBeGreaterThan(0.9 * 5 * 60 * minutes)
  expect(events).toBeLessThan(1.1 * 5 * 60 * minutes)
})

it('sends the same for the same seed', () => {
  const sent = () => texts(clients().takeUntil(startMs + minuteMs).records)
  expect(sent()).toEqual(sent())
})

it('puts several events into a record, a line each, zipped when asked', () => {
  const { records, events } = clients({}, { eventsPerRecord: 10, gzip: true }).takeUntil(startMs + minuteMs)
  expect(records.length).toBe(Math.ceil(events / 10))
  const lines = records.flatMap(({ data }) => gunzipSync(data).toString().split('\n'))
  expect(lines.length).toBe(events)
})

it('sends one event of each visitor when only visitors are wanted', () => {
  const { records } = clients({ firstOnly: true }).takeUntil(startMs + 10 * minuteMs)
  const visitors = texts(records).map((text) => JSON.parse(text).anonymousId)
  expect(new Set(visitors).size).toBe(visitors.length)
})
