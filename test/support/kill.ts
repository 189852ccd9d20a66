import { execFile } from 'node:child_process'
import { globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { localEnvironment } from '../../commands/stage/stage.ts'
import { seeded } from '../../local/demo/random.ts'
import { differences } from './kill-differences.ts'
import { Sender } from './kill-ledger.ts'
import { afterWrites, type Moment, momentText, randomMoment } from './kill-moment.ts'
import { KillStack } from './kill-stack.ts'

export type KillRun = {
  /** One line each; none when all is as it must be. */
  readonly differences: readonly string[]
  readonly kills: readonly Kill[]
  /** Events put, by what the sender knows of them. */
  readonly acknowledged: number
  readonly ambiguous: number
}

export type Kill = {
  readonly moment: string
  /** Events that the lanes had committed. */
  readonly committed: number
  /** Events that were acknowledged and that no lane had committed. */
  readonly uncommitted: number
  /** Events of puts that had no answer. */
  readonly unanswered: number
}

const projectDir = join(import.meta.dirname, '../..')

/**
 * Runs the local stack under load from another process, kills it again and again, each time on the same data, then
 * compares what came of it with a naive program. The seed decides load and moments, though not how the machine runs.
 */
export async function killAgainAndAgain(options: {
  readonly kills: number
  readonly seed: number
  report(line: string): void
}): Promise<KillRun> {
  const { seed, report } = options
  const folder = mkdtempSync(join(tmpdir(), 'weir-killed-'))
  const stack = await KillStack.in(folder)
  const environment = {
    ...process.env,
    ...localEnvironment({ AWS_ENDPOINT_URL: stack.awsUrl }),
    WEIR_LAKE: join(stack.dataDir, 'lake'),
  }
  const lastMs = Math.floor(Date.now() / 60_000) * 60_000 - 60_000
  let isRight = false
  const sender = new Sender([String(seed), String(lastMs)], environment)
  try {
    const kills = await killUnderLoad({ ...options, stack, sender })
    await sender.end()
    report(`${sender.acknowledged.size} events sent; waiting for the lake`)
    const ledger = { acknowledged: sender.acknowledged, attempted: sender.attempted }
    const run = (...args: string[]) => command(args, environment)
    const found = await differences({ stack, ledger, run })
    isRight = found.length === 0
    return {
      differences: found,
      kills,
      acknowledged: ledger.acknowledged.size,
      ambiguous: ledger.attempted.size - ledger.acknowledged.size,
    }
  } finally {
    sender.kill()
    await stack.kill()
    if (isRight) rmSync(folder, { recursive: true, force: true })
    else report(`data and log are in ${folder}`)
  }
}

/** Answers when the stack is up again after the last kill. */
async function killUnderLoad(options: {
  readonly kills: number
  readonly seed: number
  readonly stack: KillStack
  readonly sender: Sender
  report(line: string): void
}): Promise<Kill[]> {
  const { stack, sender, report } = options
  const random = seeded(options.seed)
  const kills: Kill[] = []
  let { ready } = stack.start()
  await ready
  for (let number = 1; number <= options.kills; number++) {
    const moment = randomMoment(random)
    await waitFor(moment, { stack, sender, ready })
    if (!(await stack.kill())) throw new Error('the stack had ended by itself')
    const kill = {
      moment: momentText(moment),
      committed: committed(stack.dataDir),
      uncommitted: sender.acknowledgedCopies - committed(stack.dataDir),
      unanswered: sender.unansweredCopies,
    }
    kills.push(kill)
    report(
      `kill ${number}, ${kill.moment}: ${kill.committed} events committed, ${kill.uncommitted} not yet, ${kill.unanswered} not answered`,
    )
    ready = stack.start().ready
  }
  await ready
  return kills
}

type Running = { readonly stack: KillStack; readonly sender: Sender; readonly ready: Promise<void> }

async function waitFor(moment: Moment, { stack, sender, ready }: Running): Promise<void> {
  if (moment.after === 'start') {
    await sleep(moment.delayMs)
    return
  }
  await ready
  await sender.nextAcknowledgement()
  if (moment.afterCommit) await nextCommit(stack)
  await afterWrites(stack.dataDir, moment)
}

const patienceMs = 30_000

/** Returns when the lanes have counted more than they had. */
async function nextCommit({ dataDir }: KillStack): Promise<void> {
  const before = committed(dataDir)
  const deadlineMs = performance.now() + patienceMs
  while (committed(dataDir) === before && performance.now() < deadlineMs) await sleep(20)
}

/** Events that the committed manifests count. */
function committed(dataDir: string): number {
  const manifests = globSync(join(dataDir, 'state/lanes/*/manifest.json'))
  return manifests.reduce(
    (sum, file) => sum + JSON.parse(readFileSync(file, 'latin1').split('\n', 1)[0] ?? '').counters.received,
    0,
  )
}

export type Ended = { readonly code: number; readonly stdout: string; readonly stderr: string }

function command(args: readonly string[], environment: NodeJS.ProcessEnv): Promise<Ended> {
  const options = { cwd: projectDir, env: environment, maxBuffer: 64 * 1024 * 1024 }
  return new Promise((resolve) =>
    execFile(process.execPath, [...args], options, (error, stdout, stderr) =>
      resolve({ code: error ? Number(error.code) : 0, stdout, stderr }),
    ),
  )
}
