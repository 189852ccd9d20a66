import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { functionNames } from '../support/role-actions.ts'
import { decompressed } from '../support/sample-content.ts'
import { sampleEvents } from '../support/sample-events.ts'
import { openSampleRunner } from '../support/sample-runner.ts'

const folder = join(import.meta.dirname, '../../events')
const json = (path: string): unknown => JSON.parse(readFileSync(join(folder, path), 'utf8'))

it('every sample that is described stands in its folder, and no other', () => {
  const files = functionNames.flatMap((name) =>
    readdirSync(join(folder, name)).map((file) => `${name}/${file}`),
  )
  const wanted = Object.keys(sampleEvents).flatMap((path) => [`${path}.json`, `${path}.expected.json`])
  expect(files.toSorted()).toEqual(wanted.toSorted())
  expect(readdirSync(folder).toSorted()).toEqual(functionNames.toSorted())
})

describe.each(functionNames)('the samples of %s', (name) => {
  const samples = Object.keys(sampleEvents).filter((path) => path.startsWith(`${name}/`))

  it('are at least a good and a bad one', () => {
    expect(samples).toContainEqual(expect.stringContaining('/good-'))
    expect(samples).toContainEqual(expect.stringContaining('/bad-'))
  })

  it.each(samples)('%s is as test/support/make-samples.ts writes it', (sample) => {
    expect(decompressed(json(`${sample}.json`))).toEqual(decompressed(sampleEvents[sample]))
  })

  // What an expected file leaves out of an object is not compared (times, signatures, hashes); its lists are complete.
  it.each(samples)(
    '%s gives what its expected file says',
    async (sample) => {
      const expected = Object(json(`${sample}.expected.json`))
      expect(Object.keys(expected).toSorted()).toEqual(['result', 'writes'])
      const runner = await openSampleRunner(name)
      try {
        const { writes, result } = await runner.run(json(`${sample}.json`))
        expect({ writes, result }).toMatchObject(expected)
      } finally {
        await runner.close()
      }
    },
    60_000,
  )
})
