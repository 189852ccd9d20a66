import { execFileSync } from 'node:child_process'
import { cpus } from 'node:os'

/** What a measurement was made on, in one line. */
export const machineText = (): string => {
  const processors = cpus()
  return `${processors[0]?.model.trim()}, ${processors.length} cores, Node ${process.version}, ${commitText()}`
}

/** The commit, and whether the code was it. */
const commitText = (): string => {
  try {
    const changed = git('status', '--porcelain', '--untracked-files=no') === '' ? '' : ' with changes'
    return `commit ${git('rev-parse', '--short', 'HEAD')}${changed}`
  } catch {
    return 'no commit'
  }
}

const git = (...args: string[]): string =>
  execFileSync('git', args, {
    cwd: import.meta.dirname,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  }).trim()
