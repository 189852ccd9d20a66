export const newline = 0x0a

/** The lines, each but the last with its end. None gives no bytes. */
export const joinLines = (
  lines: readonly Uint8Array[],
  allocate: (bytes: number) => Buffer = Buffer.allocUnsafe,
): Uint8Array => {
  let size = Math.max(0, lines.length - 1)
  for (const line of lines) size += line.length
  const text = allocate(size)
  let at = 0
  for (const line of lines) {
    if (at > 0) text[at++] = newline
    text.set(line, at)
    at += line.length
  }
  return text
}

/** Views of its lines, without their ends; a text of n ends has n + 1 lines. */
export const splitLines = (text: Buffer): Buffer[] => {
  const lines: Buffer[] = []
  let start = 0
  for (let end = text.indexOf(newline); end !== -1; end = text.indexOf(newline, start)) {
    lines.push(text.subarray(start, end))
    start = end + 1
  }
  lines.push(text.subarray(start))
  return lines
}
