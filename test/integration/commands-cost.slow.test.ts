import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { expect, it } from 'vitest'

const projectDir = join(import.meta.dirname, '../..')

const cost = (...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> =>
  new Promise((resolve) => {
    execFile(process.execPath, ['commands/cost.ts', ...args], { cwd: projectDir }, (error, stdout, stderr) =>
      resolve({ code: error ? Number(error.code) : 0, stdout, stderr }),
    )
  })

it('prices a small stage, and prints nothing but JSON when asked', async () => {
  const { code, stdout, stderr } = await cost('--events-per-day', '200k', '--window', '60', '--json')
  expect([code, stderr]).toEqual([0, ''])
  const { total, terms, ...others } = JSON.parse(stdout)
  expect(others).toEqual({})
  const dollars: number[] = Object.values(terms)
  expect(dollars.reduce((sum, one) => sum + one, 0)).toBeCloseTo(total, 6)
  expect(Math.min(...dollars)).toBeGreaterThanOrEqual(0)
  // Two shards, whatever comes: 1,459 shard hours.
  expect(terms['Kinesis shards']).toBeCloseTo(21.888, 3)
  // An event in a record takes a unit; a minute brings a punctuation.
  expect(terms['Kinesis PUT units']).toBeGreaterThan((200_000 * 30.4 * 0.014) / 1e6)
  for (const term of [
    'Lambda duration',
    'S3 requests',
    'DynamoDB writes',
    'Firehose bytes',
    'Firehose conversion',
  ])
    expect(terms[term]).toBeGreaterThan(0)
}, 300_000)
