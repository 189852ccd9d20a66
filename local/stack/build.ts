import { spawn } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { mkdir, rename, rm } from 'node:fs/promises'
import { join, relative } from 'node:path'
import type { Declaration } from './declaration.ts'
import { fingerprint } from './fingerprint.ts'
import { StartError } from './start-error.ts'
import { readTemplate } from './template.ts'
import { unzip } from './unzip.ts'

/** What `sls package` made of serverless.yml. */
export interface Build {
  readonly declaration: Declaration
  /** The folder that holds the content of a function's zip. */
  taskRoot(zip: string): string
}

const templateName = 'cloudformation-template-update-stack.json'
const keptBuilds = 3

/**
 * Packages the project for stage local, or takes the package made before from the same sources.
 * A build has a folder of its own, named by its sources: two stacks that build at the same time do not meet.
 */
export async function build(o: { projectDir: string; buildDir: string }): Promise<Build> {
  const folder = join(o.buildDir, fingerprint(o.projectDir))
  if (!existsSync(folder)) await makeBuild(o.projectDir, folder)
  return readBuild(folder)
}

export function readBuild(folder: string): Build {
  const template = JSON.parse(readFileSync(join(folder, templateName), 'utf8'))
  return {
    declaration: readTemplate(template),
    taskRoot: (zip) => join(folder, 'functions', zip.replace(/\.zip$/, '')),
  }
}

async function makeBuild(projectDir: string, folder: string): Promise<void> {
  const unfinished = `${folder}.${process.pid}`
  await mkdir(unfinished, { recursive: true })
  try {
    await packageService(projectDir, unfinished)
    for (const zip of readdirSync(unfinished).filter((name) => name.endsWith('.zip'))) {
      unzip(join(unfinished, zip), join(unfinished, 'functions', zip.replace(/\.zip$/, '')))
    }
    // Another stack may have been faster: then its build serves.
    await rename(unfinished, folder).catch((error: unknown) => {
      if (!existsSync(folder)) throw error
    })
    await removeOldBuilds(join(folder, '..'))
  } finally {
    await rm(unfinished, { recursive: true, force: true })
  }
}

async function packageService(projectDir: string, packageDir: string): Promise<void> {
  const framework = join(projectDir, 'node_modules/serverless/bin/serverless.js')
  const parameters = ['package', '--stage', 'local', '--package', relative(projectDir, packageDir)]
  const child = spawn(process.execPath, [framework, ...parameters], {
    cwd: projectDir,
    env: frameworkEnvironment(relative(projectDir, join(packageDir, 'esbuild'))),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  const keep = (text: string) => {
    output = (output + text).slice(-4000)
  }
  child.stdout.setEncoding('utf8').on('data', keep)
  child.stderr.setEncoding('utf8').on('data', keep)
  const code = await new Promise((resolve, reject) => child.on('error', reject).on('close', resolve))
  if (code !== 0) throw new StartError(`serverless.yml cannot be packaged: ${reasonIn(output)}`)
}

// The framework prints a heading, then what is wrong, then where in itself it was.
function reasonIn(output: string): string {
  return (
    /^Error:\n(.+)/m.exec(output)?.[1] ?? output.trim().split('\n').at(-1) ?? 'npm run package tells more'
  )
}

/** Nothing of the person's AWS account gets in, and nothing is asked of the network. */
function frameworkEnvironment(esbuildFolder: string): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(([name]) => !name.startsWith('AWS_'))
  return {
    ...Object.fromEntries(own),
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_EC2_METADATA_DISABLED: 'true',
    SLS_TELEMETRY_DISABLED: '1',
    SLS_NOTIFICATIONS_MODE: 'off',
    WEIR_BUILD_FOLDER: esbuildFolder,
  }
}

async function removeOldBuilds(buildDir: string): Promise<void> {
  const builds = readdirSync(buildDir)
    .filter((name) => /^[0-9a-f]{16}$/.test(name))
    .map((name) => ({ name, madeMs: statSync(join(buildDir, name)).mtimeMs }))
    .sort((a, b) => b.madeMs - a.madeMs)
  for (const { name } of builds.slice(keptBuilds)) await rm(join(buildDir, name), { recursive: true })
}
