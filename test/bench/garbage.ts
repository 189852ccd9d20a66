import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

// Node has it behind a flag only, which npm scripts of other folders and child processes would have to pass on.
setFlagsFromString('--expose-gc')

/** Collects now: of the young heap, or of all. */
export const collectGarbage: (type: 'minor' | 'major') => void = (() => {
  const collect: (options: { readonly type: 'minor' | 'major' }) => void = runInNewContext('gc')
  return (type) => collect({ type })
})()
