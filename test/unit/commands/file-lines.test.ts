import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { splitLines } from '../../../commands/send/file-lines.ts'

async function* chunksOf(bytes: Buffer, size: number) {
  for (let start = 0; start < bytes.length; start += size) yield bytes.subarray(start, start + size)
}

const linesOf = async (bytes: Buffer, chunkBytes: number, maxLineBytes = 1_000) => {
  const lines: string[] = []
  for await (const batch of splitLines(chunksOf(bytes, chunkBytes), maxLineBytes))
    lines.push(...batch.map((line) => line.toString('latin1')))
  return lines
}

describe('splitLines', () => {
  it('gives the same lines however the bytes are cut', async () => {
    const text = fc
      .array(fc.constantFrom('a', 'bc', '\n', '\r', '\u00e9'), { maxLength: 40 })
      .map((parts) => parts.join(''))
    await fc.assert(
      fc.asyncProperty(text, fc.integer({ min: 1, max: 7 }), async (content, chunkBytes) => {
        const expected = content.split('\n')
        if (expected.at(-1) === '') expected.pop()
        expect(await linesOf(Buffer.from(content, 'latin1'), chunkBytes)).toEqual(expected)
      }),
    )
  })

  it('keeps bytes that are no UTF-8', async () => {
    const [line] = await linesOf(Buffer.from([0xff, 0x00, 0xfe, 0x0a]), 2)
    expect(line).toBe('\u00ff\u0000\u00fe')
  })

  it('cuts a line one byte above the most, and goes on after it', async () => {
    const content = Buffer.from(`${'x'.repeat(50)}\nshort\n`)
    expect(await linesOf(content, 8, 10)).toEqual(['x'.repeat(11), 'short'])
  })

  it('gives a line of exactly the most whole', async () => {
    expect(await linesOf(Buffer.from(`${'x'.repeat(10)}\n`), 3, 10)).toEqual(['x'.repeat(10)])
  })
})
