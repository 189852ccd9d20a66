import { UserError } from './user-error.ts'

/**
 * Runs a command and sets the exit code: what `run` answers, or 1 with one line on stderr when it throws.
 * WEIR_DEBUG=1 shows the stack trace as well.
 */
export async function runCommand(run: (args: string[]) => Promise<number>): Promise<void> {
  // `npm run query … | head` closes the pipe early; that is no fault.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1))
  try {
    process.exitCode = await run(process.argv.slice(2))
  } catch (error) {
    process.exitCode = 1
    process.stderr.write(`${errorLine(error)}\n`)
    if (process.env.WEIR_DEBUG && error instanceof Error) process.stderr.write(`${error.stack}\n`)
  }
}

/** One line for an error of any kind. */
export function errorLine(error: unknown): string {
  if (error instanceof UserError) return error.message
  if (isRefusedConnection(error)) return nothingAnswers(process.env.AWS_ENDPOINT_URL)
  if (!(error instanceof Error)) return firstLine(String(error))
  return firstLine(error.name === 'Error' ? error.message : `${error.name}: ${error.message}`)
}

export const nothingAnswers = (endpoint: string | undefined): string =>
  endpoint
    ? `nothing answers on ${endpoint}: start it with npm start`
    : 'AWS does not answer: check the network'

function isRefusedConnection(error: unknown): boolean {
  if (error instanceof AggregateError) return error.errors.some(isRefusedConnection)
  return error instanceof Error && 'code' in error && error.code === 'ECONNREFUSED'
}

const firstLine = (text: string): string => text.trim().split(/\s*\n/, 1)[0] ?? ''
