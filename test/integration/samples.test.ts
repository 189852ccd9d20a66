import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { functionNames, roleActions } from '../support/role-actions.ts'
import { sampleEvents } from '../support/sample-events.ts'
import { openSampleRunner } from '../support/sample-runner.ts'

const folder = join(import.meta.dirname, '../../events')
const json = (path: string): unknown => JSON.parse(readFileSync(join(folder, path), 'utf8'))

describe.each(functionNames)('the samples of %s', (name) => {
  const files = readdirSync(join(folder, name)).filter((file) => file.endsWith('.json'))
  const samples = files.filter((file) => !file.endsWith('.expected.json')).map((file) => file.slice(0, -5))
  const expected = files.filter((file) => file.endsWith('.expected.json')).map((file) => file.slice(0, -14))

  it('each have what they must give, and there are a good and a bad one', () => {
    expect(expected).toEqual(samples)
    expect(samples).toContainEqual(expect.stringMatching(/^good-/))
    expect(samples).toContainEqual(expect.stringMatching(/^bad-/))
  })

  // What an expected file leaves out is not compared (times, signatures, hashes); its lists are complete.
  it.each(samples)(
    '%s gives what its expected file says, by calls its role allows',
    async (sample) => {
      const event = json(`${name}/${sample}.json`)
      expect(event).toEqual(sampleEvents[`${name}/${sample}`])
      const runner = await openSampleRunner(name)
      try {
        const { calls, ...given } = await runner.run(event)
        expect(given).toMatchObject(Object(json(`${name}/${sample}.expected.json`)))
        for (const { service, action, principal } of calls) {
          expect(principal).toBe(name)
          expect(roleActions[name].called).toContain(`${service}:${action}`)
        }
      } finally {
        await runner.close()
      }
    },
    60_000,
  )
})
