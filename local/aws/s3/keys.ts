import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { isMissing } from '../file.ts'
import { keyPartOf } from './key-path.ts'

type Entry = { key: string; path: string; isFolder: boolean }

/** Keys below a folder that begin with the prefix and come after `after`, in the order of their UTF-8 bytes. */
export async function* keysIn(root: string, o: { prefix: string; after: string }): AsyncGenerator<string> {
  yield* walk({ key: '', path: root, isFolder: true }, o)
}

async function* walk(folder: Entry, o: { prefix: string; after: string }): AsyncGenerator<string> {
  for (const entry of await entriesIn(folder)) {
    const mayHold = entry.key.startsWith(o.prefix) || (entry.isFolder && o.prefix.startsWith(entry.key))
    if (!mayHold) continue
    if (!entry.isFolder) {
      if (compareKeys(entry.key, o.after) > 0) yield entry.key
    } else if (o.after.startsWith(entry.key) || compareKeys(entry.key, o.after) > 0) {
      yield* walk(entry, o)
    }
  }
}

/** Folders sort with their slash, so that a walk in this order meets the keys in theirs. */
async function entriesIn(folder: Entry): Promise<Entry[]> {
  try {
    const found = await readdir(folder.path, { withFileTypes: true })
    const entries = found.map((one) => ({
      key: folder.key + keyPartOf(one.name) + (one.isDirectory() ? '/' : ''),
      path: join(folder.path, one.name),
      isFolder: one.isDirectory(),
    }))
    return entries.sort((a, b) => compareKeys(a.key, b.key))
  } catch (error) {
    if (isMissing(error)) return []
    throw error
  }
}

export function compareKeys(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b))
}
