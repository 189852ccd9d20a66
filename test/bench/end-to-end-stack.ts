import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const projectDir = join(import.meta.dirname, '../..')

/** The local stack as `npm start -- --empty` runs it, with a data folder of its own. */
export type BenchStack = {
  readonly url: string
  readonly awsUrl: string
  readonly dataDir: string
  /** What an AWS client finds in its environment. */
  readonly environment: NodeJS.ProcessEnv
  usage(): Promise<Usage>
  /** Ends it, and removes its data. */
  stop(): Promise<void>
}

/** Of a process and all below it. */
export type Usage = { readonly residentMb: number; readonly cpuSeconds: number }

/** @param profileDir where V8 leaves a profile of each thread when the stack ends. */
export const startBenchStack = async (profileDir?: string): Promise<BenchStack> => {
  const dataDir = join(mkdtempSync(join(tmpdir(), 'weir-bench-')), 'data')
  mkdirSync(dataDir)
  // The package of the sources is made once for all.
  const buildDir = join(projectDir, '.weir/build')
  mkdirSync(buildDir, { recursive: true })
  symlinkSync(buildDir, join(dataDir, 'build'))
  const profile = profileDir === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profileDir}`]
  const options = ['--empty', '--port', '0', '--aws-port', '0', '--data', dataDir]
  const child = spawn(process.execPath, [...profile, 'local/start.ts', ...options], {
    cwd: projectDir,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  // Whoever ends the benchmark ends its stack.
  const kill = () => child.kill('SIGKILL')
  process.once('exit', kill)
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1))
  const { url, awsUrl } = await addresses(child)
  return {
    url,
    awsUrl,
    dataDir,
    environment: {
      ...process.env,
      AWS_ENDPOINT_URL: awsUrl,
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'bench',
      AWS_SECRET_ACCESS_KEY: 'bench',
      AWS_EC2_METADATA_DISABLED: 'true',
    },
    usage: () => usageOf(child.pid ?? 0),
    async stop() {
      if (child.exitCode === null) {
        const ended = once(child, 'exit')
        child.kill('SIGINT')
        await ended
      }
      process.off('exit', kill)
      rmSync(join(dataDir, '..'), { recursive: true, force: true })
    },
  }
}

/** Read from what it prints once it is ready. */
const addresses = (child: ChildProcess): Promise<{ url: string; awsUrl: string }> =>
  new Promise((resolve, reject) => {
    let output = ''
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      output += text
      const url = /^ +page +(http:\S+)/m.exec(output)?.[1]
      const awsUrl = /AWS_ENDPOINT_URL=(http:\S+)/.exec(output)?.[1]
      if (url !== undefined && awsUrl !== undefined) resolve({ url, awsUrl })
    })
    child.once('exit', (code) => reject(new Error(`the stack ended with ${code}`)))
  })

const run = promisify(execFile)

const usageOf = async (root: number): Promise<Usage> => {
  const { stdout } = await run('ps', ['-A', '-o', 'pid=,ppid=,rss=,time='])
  const processes = stdout
    .trim()
    .split('\n')
    .map((line) => {
      const [pid, parent, rssKb, time = ''] = line.trim().split(/\s+/)
      return { pid: Number(pid), parent: Number(parent), rssKb: Number(rssKb), seconds: secondsOf(time) }
    })
  const below = new Set([root])
  // A parent may stand behind its child in the list: until no more are found.
  for (let before = 0; before < below.size; ) {
    before = below.size
    for (const { pid, parent } of processes) if (below.has(parent)) below.add(pid)
  }
  const ours = processes.filter(({ pid }) => below.has(pid))
  const sum = (values: number[]) => values.reduce((total, value) => total + value, 0)
  return {
    residentMb: sum(ours.map(({ rssKb }) => rssKb)) / 1024,
    cpuSeconds: sum(ours.map(({ seconds }) => seconds)),
  }
}

/** `[days-]hours:minutes:seconds`, or `minutes:seconds` with hundredths. */
const secondsOf = (time: string): number => {
  const [clock = '', days = '0'] = time.split('-').toReversed()
  return clock.split(':').reduce((sum, part) => sum * 60 + Number(part), 0) + Number(days) * 86_400
}
