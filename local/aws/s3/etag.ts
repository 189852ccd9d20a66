import { createHash } from 'node:crypto'
import type { BigIntStats } from 'node:fs'
import type { FileHandle } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'

const maxRemembered = 20_000

/** MD5 of the file as it is now: remembered as long as the file is the same, so right after a restart, too. */
export function openEtags(): {
  of(o: { path: string; file: FileHandle; found: BigIntStats }): Promise<string>
} {
  const remembered = new Map<string, { version: string; etag: string }>()
  return {
    async of({ path, file, found }) {
      const version = `${found.ino}/${found.size}/${found.mtimeNs}`
      const known = remembered.get(path)
      if (known?.version === version) return known.etag
      const md5 = createHash('md5')
      await pipeline(file.createReadStream({ start: 0, autoClose: false }), md5)
      const etag = md5.digest('hex')
      remembered.delete(path)
      remembered.set(path, { version, etag })
      for (const oldest of remembered.keys()) {
        if (remembered.size <= maxRemembered) break
        remembered.delete(oldest)
      }
      return etag
    },
  }
}
