/** Writes the samples in events/: some hold binary records, which nobody edits by hand. What they must give is not written here. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { sampleEvents } from './sample-events.ts'

const folder = join(import.meta.dirname, '../../events')
for (const [path, event] of Object.entries(sampleEvents)) {
  const file = join(folder, `${path}.json`)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, `${JSON.stringify(event, null, 2)}\n`)
}
