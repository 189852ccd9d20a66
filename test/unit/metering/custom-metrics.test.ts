import { expect, it } from 'vitest'
import { customMetrics } from '../../../local/metering/custom-metrics.ts'

const line = (service: string, ...names: string[]) =>
  JSON.stringify({
    _aws: {
      Timestamp: 1,
      CloudWatchMetrics: [
        {
          Namespace: 'Weir/local',
          Dimensions: [['service']],
          Metrics: names.map((Name) => ({ Name, Unit: 'Count' })),
        },
      ],
    },
    service,
    ...Object.fromEntries(names.map((name) => [name, 1])),
  })

it('names each metric with the values of its dimensions', () => {
  const log = `${JSON.stringify({ level: 'INFO' })}\n${line('enrich', 'Accepted', 'Quarantined')}\n${line('tick', 'Accepted')}\n`
  expect(customMetrics(log)).toEqual([
    'Accepted service=enrich',
    'Quarantined service=enrich',
    'Accepted service=tick',
  ])
})

it('passes over a line that is cut', () => {
  expect(
    customMetrics(`${line('enrich', 'Accepted').slice(0, -3)}\n${line('enrich', 'Quarantined')}\n`),
  ).toEqual(['Quarantined service=enrich'])
})
