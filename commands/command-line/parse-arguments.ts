import { type ParseArgsOptionsConfig, parseArgs } from 'node:util'
import { UserError } from './user-error.ts'

type Parsed<Options extends ParseArgsOptionsConfig> = ReturnType<
  typeof parseArgs<{ options: Options; allowPositionals: true }>
>

/** `parseArgs` whose complaints say in one line which options there are. */
export function parseArguments<const Options extends ParseArgsOptionsConfig>(
  args: string[],
  options: Options,
): Parsed<Options> {
  try {
    return parseArgs({ args, options, allowPositionals: true })
  } catch (error) {
    if (!isParseArgsError(error)) throw error
    // Node's message goes on with advice on how to quote; its first sentence names the option.
    const complaint = error.message.split(/\. |\n/, 1)[0]
    throw new UserError(`${complaint}; options: ${optionList(options)}`)
  }
}

/** A whole number above 0 from the text of an option. */
export function positiveInteger(option: string, text: string): number {
  const value = Number(text)
  if (!Number.isSafeInteger(value) || value <= 0)
    throw new UserError(`--${option} takes a whole number above 0, not ${JSON.stringify(text)}`)
  return value
}

const optionList = (options: ParseArgsOptionsConfig): string =>
  Object.entries(options)
    .map(([name, { type }]) => (type === 'string' ? `--${name} VALUE` : `--${name}`))
    .join(', ')

const isParseArgsError = (error: unknown): error is Error =>
  error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS')
