import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'

/** What goes into the package. A folder counts with all its files. */
const sources = ['serverless.yml', 'serverless', 'functions', 'shared', 'analytics', 'package-lock.json']

/** Changes whenever a file changes that goes into the package. */
export function fingerprint(projectDir: string): string {
  const hash = createHash('sha256').update(process.version)
  for (const source of sources) {
    for (const file of filesOf(projectDir, source)) {
      hash.update(`\0${file}\0`).update(readFileSync(join(projectDir, file)))
    }
  }
  return hash.digest('hex').slice(0, 16)
}

function filesOf(projectDir: string, source: string): string[] {
  const stats = statSync(join(projectDir, source), { throwIfNoEntry: false })
  if (!stats) return []
  if (stats.isFile()) return [source]
  return readdirSync(join(projectDir, source), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(projectDir.length + 1))
    .sort()
}
