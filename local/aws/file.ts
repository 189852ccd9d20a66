import { readFileSync, renameSync, writeFileSync, writeSync } from 'node:fs'

/** Replaces a file whole: whoever reads sees the old or the new one. */
export function replaceFile(path: string, content: string | Buffer): void {
  const draft = `${path}.draft`
  writeFileSync(draft, content)
  renameSync(draft, path)
}

/** A JSON file's value, or undefined where there is none. */
export function readJsonFile(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch (error) {
    if (isMissing(error)) return undefined
    throw error
  }
}

export function isMissing(error: unknown): boolean {
  return hasCode(error, 'ENOENT') || hasCode(error, 'ENOTDIR')
}

export function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}

/** Writes all of it at this place: the system may take less than it was given. */
export function writeFully(fd: number, bytes: Buffer, offset: number): void {
  let done = 0
  while (done < bytes.length) done += writeSync(fd, bytes, done, bytes.length - done, offset + done)
}
