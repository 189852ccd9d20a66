import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LongText, parseWithLongTexts } from '../../local/aws/long-text.ts'

const long = (text: string) => text.repeat(300)
const read = (json: string) => parseWithLongTexts(Buffer.from(json))

describe('parseWithLongTexts', () => {
  it('gives long texts as their bytes, at any depth, and all else as JSON.parse does', () => {
    const value = { Records: [{ Data: long('a'), Key: 'k' }, long('ü')], n: 1, nothing: null }
    expect(read(JSON.stringify(value))).toEqual({
      Records: [
        { Data: new LongText(Buffer.from(long('a'))), Key: 'k' },
        new LongText(Buffer.from(long('ü'))),
      ],
      n: 1,
      nothing: null,
    })
  })

  it.each([
    ['a quote', long('a"')],
    ['a backslash before its end', `${long('a')}\\`],
    ['line ends', long('a\n')],
  ])('gives a long text with %s as a text', (_, text) => {
    expect(read(JSON.stringify({ text, after: [text, 'b'] }))).toEqual({ text, after: [text, 'b'] })
  })

  it('takes a long name of a member for a name', () => {
    const value = { [long('n')]: 1 }
    expect(plain(read(JSON.stringify(value)))).toEqual(value)
  })

  it.each(['', '{', '{"a":"b', `{"a":"${long('b')}`, `{"a":"${long('b')}"`, `"${long('b')}" x`])(
    'throws on %s, which is no JSON',
    (json) => {
      expect(() => read(json)).toThrow(SyntaxError)
    },
  )

  it('reads every document that JSON.parse reads, and the same', () => {
    const text = fc.oneof(
      fc.string(),
      fc.string({ unit: fc.constantFrom('a', '"', '\\', 'é', '\n') }),
      fc.string({ unit: fc.constantFrom('a', 'b'), minLength: 250, maxLength: 270 }),
      fc.string({ unit: fc.constantFrom('a', '\\', '"'), minLength: 250, maxLength: 270 }),
    )
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 3 },
        text,
        fc.integer(),
        fc.array(tie('value'), { maxLength: 4 }),
        fc.dictionary(text, tie('value'), { maxKeys: 4, noNullPrototype: true }),
      ),
    }))
    fc.assert(
      fc.property(value, fc.constantFrom(undefined, 2), (one, indent) => {
        const json = JSON.stringify(one, undefined, indent)
        expect(plain(read(json))).toEqual(JSON.parse(json))
      }),
      { numRuns: 100 },
    )
  })
})

/** With the long texts as texts. */
function plain(value: unknown): unknown {
  if (value instanceof LongText) return value.decode('utf8')
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, plain(member)]))
}
