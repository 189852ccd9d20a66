import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, mkdirSync, symlinkSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'

const projectDir = join(import.meta.dirname, '../..')

/** The local stack as `npm start` runs it, in a process of its own, on the same ports and data each time. */
export class KillStack {
  readonly dataDir: string
  readonly url: string
  readonly awsUrl: string
  readonly #ports: readonly [web: number, aws: number]
  readonly #logFile: string
  #child: ChildProcess | undefined

  private constructor(folder: string, ports: readonly [number, number]) {
    this.dataDir = join(folder, 'data')
    this.#logFile = join(folder, 'stack.log')
    this.#ports = ports
    this.url = `http://127.0.0.1:${ports[0]}`
    this.awsUrl = `http://127.0.0.1:${ports[1]}`
    mkdirSync(this.dataDir)
    // The package of the sources is made once for all.
    const buildDir = join(projectDir, '.weir/build')
    mkdirSync(buildDir, { recursive: true })
    symlinkSync(buildDir, join(this.dataDir, 'build'))
  }

  static async in(folder: string): Promise<KillStack> {
    return new KillStack(folder, [await freePort(), await freePort()])
  }

  /** `ready` rejects when it ends before it is up. */
  start(): { readonly ready: Promise<void> } {
    const [port, awsPort] = this.#ports.map(String)
    const options = ['--empty', '--port', `${port}`, '--aws-port', `${awsPort}`, '--data', this.dataDir]
    const child = spawn(process.execPath, ['local/start.ts', ...options], {
      cwd: projectDir,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    this.#child = child
    const ready = new Promise<void>((resolve, reject) => {
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        appendFileSync(this.#logFile, text)
        if (text.includes('Weir is ready')) resolve()
      })
      child.stderr.on('data', (text: Buffer) => appendFileSync(this.#logFile, text))
      child.once('exit', (code, signal) =>
        reject(new Error(`the stack ended with ${code ?? signal}: see ${this.#logFile}`)),
      )
    })
    // Whoever kills it while it starts does not wait for it.
    ready.catch(() => {})
    return { ready }
  }

  get isRunning(): boolean {
    return this.#child !== undefined && this.#child.exitCode === null && this.#child.signalCode === null
  }

  /** Ends it where it stands; its functions are threads of it. Answers false when it had ended before. */
  async kill(): Promise<boolean> {
    const child = this.#child
    if (!child || !this.isRunning) return false
    const exited = once(child, 'exit')
    child.kill('SIGKILL')
    await exited
    return child.signalCode === 'SIGKILL'
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  server.close()
  await once(server, 'close')
  return address.port
}
