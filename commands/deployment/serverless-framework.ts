import { spawn } from 'node:child_process'
import { createRequire } from 'node:module'
import { UserError } from '../command-line/user-error.ts'

const cli = createRequire(import.meta.url).resolve('serverless/bin/serverless.js')

export type ServerlessRun = {
  readonly arguments: readonly string[]
  /** The folder that holds serverless.yml. */
  readonly serviceFolder: string
  readonly environment: NodeJS.ProcessEnv
  /** `quiet` keeps the output for the error; `shown` lets the user watch. */
  readonly output: 'quiet' | 'shown'
  /** Kills it after this long; none for a deployment, which takes as long as CloudFormation does. */
  readonly timeoutMs?: number
}

/** Runs the Serverless Framework on this Node. Throws when it fails; what it said is the message. */
export async function runServerless(run: ServerlessRun): Promise<void> {
  const output = run.output === 'shown' ? 'inherit' : 'pipe'
  const child = spawn(process.execPath, [cli, ...run.arguments], {
    cwd: run.serviceFolder,
    env: run.environment,
    timeout: run.timeoutMs,
    stdio: ['ignore', output, output],
  })
  let said = ''
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (text: string) => {
      said += text
    })
  const exitCode = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })
  if (exitCode === 0) return
  const complaint = exitCode === null ? 'it was stopped before it was done' : complaintIn(said)
  throw new UserError(`serverless ${run.arguments[0]} failed: ${complaint}`)
}

/** What the framework (after `Error:`) or esbuild (`✘ [ERROR] …`, then the place) says is wrong, on one line. */
function complaintIn(said: string): string {
  const lines = said
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
  const start = lines.findIndex((line) => /^(\S*Error:|✘ \[ERROR\])/.test(line))
  const [first = '', second = ''] = lines.slice(Math.max(start, 0))
  if (first === 'Error:') return second
  if (first.startsWith('✘')) return `${second} ${first.replace('✘ [ERROR] ', '')}`
  return first || 'see above'
}
