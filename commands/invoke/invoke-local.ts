import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { UserError } from '../command-line/user-error.ts'

export type Invoked = { readonly isSuccess: boolean; readonly result: unknown; readonly log: string }

const projectFolder = join(import.meta.dirname, '../..')

/** A handler that fails to load makes the framework wait for ever. */
export const maxInvokeMs = 30_000

/** Runs `sls invoke local` in stage local, all AWS clients pointed at the endpoint. */
export async function invokeLocal(call: {
  readonly functionName: string
  /** Path of the JSON file with the event. */
  readonly eventFile: string
  readonly endpoint: string
}): Promise<Invoked> {
  // Two invocations of one tree at a time must not share a folder. Relative, as the framework wants it.
  const buildFolder = `.weir/build/invoke-${process.pid}`
  // The framework leaves a folder for each function in the one for temporary files.
  const temporaryFolder = await mkdtemp(join(tmpdir(), 'weir-invoke-'))
  try {
    const own = { WEIR_BUILD_FOLDER: buildFolder, TMPDIR: temporaryFolder }
    const { code, stdout, stderr } = await runFramework(call, own)
    const { result, log } = splitOutput(stdout)
    return { isSuccess: code === 0, result, log: `${log}${stderr}` }
  } finally {
    for (const folder of [join(projectFolder, buildFolder), temporaryFolder])
      await rm(folder, { recursive: true, force: true })
  }
}

type Ended = { readonly code: number | null; readonly stdout: string; readonly stderr: string }

function runFramework(
  call: { readonly functionName: string; readonly eventFile: string; readonly endpoint: string },
  own: NodeJS.ProcessEnv,
): Promise<Ended> {
  const { functionName, eventFile, endpoint } = call
  const framework = join(projectFolder, 'node_modules/serverless/bin/serverless.js')
  const args = ['invoke', 'local', '-s', 'local', '-f', functionName, '-p', eventFile]
  const child = spawn(process.execPath, [framework, ...args, '-e', `AWS_ENDPOINT_URL=${endpoint}`], {
    cwd: projectFolder,
    env: { ...frameworkEnvironment(call), ...own },
    stdio: ['ignore', 'pipe', 'pipe'],
    // The leader of a group of its own, so that whatever it starts can be ended with it.
    detached: true,
  })
  const end = () => {
    if (child.pid === undefined || child.exitCode !== null) return
    process.kill(-child.pid, 'SIGKILL')
  }
  return new Promise((resolve, reject) => {
    let [stdout, stderr] = ['', '']
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text
    })
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text
    })
    const timer = setTimeout(() => {
      end()
      const last = `${stdout}${stderr}`.trim().split('\n').at(-1) ?? ''
      reject(
        new UserError(`${functionName} did not end within ${maxInvokeMs / 1_000} s. Last words: ${last}`),
      )
    }, maxInvokeMs)
    for (const signal of ['SIGINT', 'SIGTERM'] as const)
      process.once(signal, () => {
        end()
        process.exit(130)
      })
    child.once('error', reject)
    child.once('close', (code) => {
      clearTimeout(timer)
      resolve({ code, stdout, stderr })
    })
  })
}

/** Nothing of the user's AWS account gets in, so that stage local never reaches it. */
function frameworkEnvironment(call: {
  readonly functionName: string
  readonly endpoint: string
}): NodeJS.ProcessEnv {
  const others = Object.entries(process.env).filter(([name]) => !name.startsWith('AWS_'))
  return {
    ...Object.fromEntries(others),
    AWS_ENDPOINT_URL: call.endpoint,
    AWS_REGION: 'us-east-1',
    // The local endpoint takes any key; this one tells it whose call it is.
    AWS_ACCESS_KEY_ID: call.functionName,
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_EC2_METADATA_DISABLED: 'true',
    SLS_TELEMETRY_DISABLED: '1',
    SLS_NOTIFICATIONS_MODE: 'off',
  }
}

/** The function's log, one line each, then what it returned, as the framework prints it: indented JSON at the end. */
export function splitOutput(stdout: string): { readonly result: unknown; readonly log: string } {
  const lines = stdout.trimEnd().split('\n')
  const opening = lines.findLastIndex((line) => line === '{' || line === '[')
  // `{}`, or a bare text or number, takes one line; a line of the log is an object with content.
  const start = opening === -1 ? lines.length - 1 : opening
  const result = parsed(lines.slice(start).join('\n'))
  const isLogLine =
    opening === -1 && typeof result === 'object' && result !== null && Object.keys(result).length > 0
  if (result === undefined || isLogLine) return { result: null, log: stdout }
  return {
    result,
    log: lines
      .slice(0, start)
      .map((line) => `${line}\n`)
      .join(''),
  }
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json)
  } catch {
    return undefined
  }
}
