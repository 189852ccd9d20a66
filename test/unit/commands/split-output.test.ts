import { describe, expect, it } from 'vitest'
import { splitOutput } from '../../../commands/invoke/invoke-local.ts'

const log = '{"level":"INFO","message":"packed"}\n{"_aws":{}}\n'

describe('splitOutput', () => {
  it('takes the indented JSON at the end for the result', () => {
    const result = { batchItemFailures: [{ itemIdentifier: '1' }], nested: { a: [1] } }
    expect(splitOutput(`${log}${JSON.stringify(result, null, 4)}\n`)).toEqual({ result, log })
  })

  it('knows an empty object and a bare text', () => {
    expect(splitOutput(`${log}{}\n`)).toEqual({ result: {}, log })
    expect(splitOutput(`${log}"done"\n`)).toEqual({ result: 'done', log })
  })

  it('takes no line of the log for the result of a function that returns nothing', () => {
    expect(splitOutput(log)).toEqual({ result: null, log })
    expect(splitOutput('')).toEqual({ result: null, log: '' })
  })
})
