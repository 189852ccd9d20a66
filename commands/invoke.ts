import { readdir, readFile } from 'node:fs/promises'
import { join, relative, resolve } from 'node:path'
import { parseArguments } from './command-line/parse-arguments.ts'
import { runCommand } from './command-line/run-command.ts'
import { UserError } from './command-line/user-error.ts'
import { type Invoked, invokeLocal } from './invoke/invoke-local.ts'
import { startRecording } from './invoke/recording.ts'
import { answers, localEnvironment } from './stage/stage.ts'

const usage = `Runs one function on one event, as Lambda would (sls invoke local, stage local).

With the local stack up, it writes to the stack. With nothing running it prints what it would have written,
one line of JSON a write, and then what the function returned. Its log goes to stderr.

usage: npm run invoke -- FUNCTION FILE
example:
  npm run invoke -- enrich events/enrich/good-page-view.json
`

const projectFolder = join(import.meta.dirname, '..')

async function main(args: string[]): Promise<number> {
  const { values, positionals } = parseArguments(args, { help: { type: 'boolean', short: 'h' } })
  if (values.help) {
    process.stdout.write(usage)
    return 0
  }
  const functions = await functionNames()
  const [functionName, file] = positionals
  if (functionName === undefined || file === undefined || positionals.length > 2)
    throw new UserError(
      `name a function and a file: npm run invoke -- ${functions.join('|')} events/FUNCTION/CASE.json`,
    )
  if (!functions.includes(functionName))
    throw new UserError(`no function ${JSON.stringify(functionName)}; there are ${functions.join(', ')}`)
  const eventFile = await checkedEvent(file)

  const { AWS_ENDPOINT_URL: endpoint } = localEnvironment(process.env)
  const invoked = (await answers(endpoint))
    ? await invokeLocal({ functionName, eventFile, endpoint })
    : await invokeRecorded({ functionName, eventFile })
  process.stderr.write(invoked.log)
  if (!invoked.isSuccess) throw new UserError(`${functionName} failed: ${reasonOf(invoked)}`)
  process.stdout.write(`${JSON.stringify(invoked.result)}\n`)
  return 0
}

async function functionNames(): Promise<string[]> {
  const entries = await readdir(join(projectFolder, 'functions'), { withFileTypes: true })
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name)
}

/** The path from the project's folder, where the framework runs. */
async function checkedEvent(file: string): Promise<string> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new UserError(
      error.code === 'ENOENT' ? `no such file: ${file}` : `cannot read ${file}: ${error.code}`,
    )
  })
  try {
    JSON.parse(text)
  } catch {
    throw new UserError(`${file} is not JSON: it must hold the event that Lambda would be given`)
  }
  return relative(projectFolder, resolve(file))
}

async function invokeRecorded(call: { functionName: string; eventFile: string }): Promise<Invoked> {
  const recording = await startRecording((line) => process.stdout.write(`${line}\n`))
  try {
    return await invokeLocal({ ...call, endpoint: recording.endpoint })
  } finally {
    await recording.end()
  }
}

function reasonOf({ result, log }: Invoked): string {
  if (typeof result === 'object' && result !== null && 'errorMessage' in result)
    return `${'errorType' in result ? `${result.errorType}: ` : ''}${result.errorMessage}`
  return log.trim().split('\n').at(-1) ?? 'it says nothing'
}

await runCommand(main)
