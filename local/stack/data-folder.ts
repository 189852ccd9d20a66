import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'

/** What stays: the package, which is made of the sources alone, and the lock of the running stack. */
const kept = ['build', 'lock']

/** How one knows a data folder: what a stack has made in any that ran. */
const mark = 'mappings'

/** Forgets all data. A folder that no stack has used is left as it is: it may be somebody's documents. */
export function forgetData(dataDir: string): void {
  const names = readdirSync(dataDir)
  if (!names.includes(mark)) return
  for (const name of names) {
    if (!kept.includes(name)) rmSync(join(dataDir, name), { recursive: true, force: true })
  }
}
