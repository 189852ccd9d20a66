import { describe, expect, it } from 'vitest'
import { parseAccessLogLine } from '../../../shared/core/event/access-log.ts'

const parse = (line: string, before = 0) => parseAccessLogLine(Buffer.from(line), before)

const line =
  '203.0.113.9 - frank [17/May/2015:10:05:03 +0200] "GET /a/b?c=d#e HTTP/1.1" 200 1234 "https://example.org/x" "Agent \\"7\\" (x)"'

describe('parseAccessLogLine', () => {
  it('makes a page call of a line', () => {
    expect(parse(line)).toEqual({
      type: 'page',
      messageId: expect.stringMatching(/^[0-9a-f]{32}$/),
      anonymousId: expect.stringMatching(/^[0-9a-f]{32}$/),
      timestamp: '2015-05-17T10:05:03+02:00',
      properties: {
        path: '/a/b',
        url: '/a/b?c=d#e',
        referrer: 'https://example.org/x',
        method: 'GET',
        status: 200,
        bytes: 1234,
      },
      context: { ip: '203.0.113.9', userAgent: 'Agent "7" (x)', library: { name: 'access-log' } },
    })
  })

  it('leaves out what the log has as -', () => {
    const event = parse('::1 - - [17/May/2015:10:05:03 +0000] "-" 408 - "-" "-"')
    expect(event).toMatchObject({ context: { ip: '::1', library: { name: 'access-log' } } })
    expect(event?.properties).toEqual({ path: '', url: '', status: 408 })
  })

  it('reads the common format too', () => {
    const event = parse('1.2.3.4 - - [17/May/2015:10:05:03 +0000] "POST /a HTTP/1.0" 201 5')
    expect(event?.properties).toEqual({ path: '/a', url: '/a', method: 'POST', status: 201, bytes: 5 })
  })

  it('reads a line cut off before its last quote, and flags it', () => {
    expect(parse(line.slice(0, -1))).toMatchObject({ context: { userAgent: 'Agent "7" (x)', cutLine: true } })
    expect(parse(line)).not.toMatchObject({ context: { cutLine: true } })
  })

  it('keeps a request that makes no sense as its address', () => {
    const event = parse('1.2.3.4 - - [17/May/2015:10:05:03 +0000] "\\x16\\x03 x" 400 0 "-" "-"')
    expect(event?.properties).toMatchObject({ url: '\\x16\\x03 x' })
  })

  it('takes bytes that are no UTF-8', () => {
    const bytes = Buffer.concat([Buffer.from(line.slice(0, -3)), Buffer.from([0xe9, 0x22])])
    expect(parseAccessLogLine(bytes, 0)?.type).toBe('page')
  })

  it('names the same visitor by the same address and agent only', () => {
    const [same, otherIp, otherAgent] = [
      line.replace('/a/b', '/c'),
      line.replace('203.0.113.9', '203.0.113.8'),
      line.replace('(x)', '(y)'),
    ].map((other) => parse(other)?.anonymousId)
    expect(same).toBe(parse(line)?.anonymousId)
    expect(otherIp).not.toBe(same)
    expect(otherAgent).not.toBe(same)
  })

  it('gives the same line the same id at the same place among its equals, and another at another', () => {
    expect(parse(line)?.messageId).toBe(parse(line)?.messageId)
    expect(parse(line, 1)?.messageId).not.toBe(parse(line)?.messageId)
    expect(parse(line.replace('1234', '1235'))?.messageId).not.toBe(parse(line)?.messageId)
  })

  it.each([
    ['text', 'hello'],
    ['nothing', ''],
    ['JSON', '{"type":"page"}'],
    ['no status', line.replace(' 200 ', ' ')],
    ['an unknown month', line.replace('May', 'Mai')],
    ['a line cut off in its referrer', line.slice(0, 100)],
    ['a line of 40 KB', line.replace('(x)', 'x'.repeat(40_000))],
  ])('makes nothing of %s', (_, text) => {
    expect(parse(text)).toBeUndefined()
  })
})
