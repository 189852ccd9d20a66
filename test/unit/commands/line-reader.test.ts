import { describe, expect, it } from 'vitest'
import { chooseFormat, lineReader } from '../../../commands/send/line-reader.ts'

const logLine = (path: string) =>
  Buffer.from(`1.2.3.4 - - [17/May/2015:10:05:03 +0000] "GET ${path} HTTP/1.1" 200 12 "-" "Mozilla/5.0"`)
const bytes = (text: string) => Buffer.from(text)
const eventOf = (line: { bytes: Buffer } | undefined) => JSON.parse(String(line?.bytes))

describe('chooseFormat', () => {
  it('knows NDJSON and an access log, also behind lines that are broken', () => {
    expect(chooseFormat([bytes(''), bytes('oops'), bytes('{"type":"page"}')])).toBe('ndjson')
    expect(chooseFormat([bytes('oops'), logLine('/')])).toBe('combined')
    expect(chooseFormat([bytes('oops')])).toBe('ndjson')
  })
})

describe('the reader of NDJSON', () => {
  const read = lineReader('ndjson')

  it('sends a line as it is, keyed by its visitor', () => {
    const line = bytes('{ "anonymousId": "a", "userId": "u" }\r')
    expect(read(line)).toEqual({ bytes: line, key: 'a', isJson: true, isUnderstood: true })
    expect(read(bytes('{"userId":"u"}'))?.key).toBe('u')
  })

  it('leaves out blank lines and marks what is no JSON or no UTF-8', () => {
    expect(read(bytes(' \r'))).toBeUndefined()
    expect(read(bytes('{"a":'))).toMatchObject({ isJson: false, isUnderstood: false })
    expect(read(Buffer.from([0x22, 0xff, 0x22]))).toMatchObject({ isJson: false })
  })
})

describe('the reader of access logs', () => {
  it('makes a page event of a line, with another id for each equal line, the same in each run', () => {
    const [first, second] = [lineReader('combined'), lineReader('combined')].map((read) =>
      [logLine('/a'), logLine('/b'), logLine('/a')].map((line) => eventOf(read(line))),
    )
    expect(first?.map(({ type, properties }) => [type, properties.path])).toEqual([
      ['page', '/a'],
      ['page', '/b'],
      ['page', '/a'],
    ])
    expect(new Set(first?.map(({ messageId }) => messageId)).size).toBe(3)
    expect(second).toEqual(first)
  })

  it('sends a line that does not parse as it is', () => {
    expect(lineReader('combined')(bytes('oops'))).toMatchObject({ bytes: bytes('oops'), isJson: false })
  })
})
