import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, resolve, sep } from 'node:path'
import { inflateRawSync } from 'node:zlib'

// Layout: https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT, 4.3
const endOfDirectory = 0x06054b50
const directoryEntry = 0x02014b50
const endOfDirectoryBytes = 22
const stored = 0
const deflated = 8

/** Unpacks a function's zip into a folder, as Lambda unpacks it into its task root. */
export function unzip(zipFile: string, folder: string): void {
  const zip = readFileSync(zipFile)
  const root = resolve(folder)
  for (const { name, content } of entries(zip)) {
    const file = resolve(root, name)
    if (!file.startsWith(root + sep)) throw new Error(`${zipFile}: ${name} lies outside of the folder`)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, content)
  }
}

function* entries(zip: Buffer): Generator<{ name: string; content: Buffer }> {
  const end = findEnd(zip)
  let at = zip.readUInt32LE(end + 16)
  for (let left = zip.readUInt16LE(end + 10); left > 0; left--) {
    if (zip.readUInt32LE(at) !== directoryEntry) throw new Error('the zip has a broken directory')
    const nameBytes = zip.readUInt16LE(at + 28)
    const name = zip.toString('utf8', at + 46, at + 46 + nameBytes)
    if (!name.endsWith('/')) yield { name, content: content(zip, at) }
    at += 46 + nameBytes + zip.readUInt16LE(at + 30) + zip.readUInt16LE(at + 32)
  }
}

function content(zip: Buffer, entry: number): Buffer {
  const method = zip.readUInt16LE(entry + 10)
  const packedBytes = zip.readUInt32LE(entry + 20)
  const header = zip.readUInt32LE(entry + 42)
  // The name and extra field before the data have their own lengths in the local header.
  const start = header + 30 + zip.readUInt16LE(header + 26) + zip.readUInt16LE(header + 28)
  const packed = zip.subarray(start, start + packedBytes)
  if (method === stored) return packed
  if (method === deflated) return inflateRawSync(packed)
  throw new Error(`the zip uses compression method ${method}`)
}

function findEnd(zip: Buffer): number {
  for (let at = zip.length - endOfDirectoryBytes; at >= 0; at--) {
    if (zip.readUInt32LE(at) === endOfDirectory) return at
  }
  throw new Error('not a zip file')
}
