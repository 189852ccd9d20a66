import { parseArgs } from 'node:util'
import { StartError } from './start-error.ts'

export interface StartArguments {
  readonly help: boolean
  readonly empty: boolean
  readonly fresh: boolean
  readonly port: number
  readonly awsPort: number
  readonly data: string
}

export const usage = `Usage: npm start [-- options]

Starts the whole of Weir on this machine, as serverless.yml declares it, with demo traffic.

  --empty          without demo traffic
  --fresh          forget the data of earlier runs
  --port N         web address: collector, query API and page (3000)
  --aws-port N     endpoint for AWS clients (4566)
  --data FOLDER    where the data is kept (.weir)
  --help           this text

Ctrl-C finishes what was begun and stops; a second one stops at once.
`

/** Throws a StartError of one line for an argument that is wrong. */
export function startArguments(argv: readonly string[]): StartArguments {
  const { values } = parse(argv)
  return {
    help: values.help,
    empty: values.empty,
    fresh: values.fresh,
    port: portNumber('--port', values.port),
    awsPort: portNumber('--aws-port', values['aws-port']),
    data: values.data,
  }
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      options: {
        help: { type: 'boolean', default: false },
        empty: { type: 'boolean', default: false },
        fresh: { type: 'boolean', default: false },
        port: { type: 'string', default: '3000' },
        'aws-port': { type: 'string', default: '4566' },
        data: { type: 'string', default: '.weir' },
      },
    })
  } catch (error) {
    const [firstSentence] = String(error instanceof Error ? error.message : error).split('. ')
    throw new StartError(`${firstSentence}. npm start -- --help lists the options`)
  }
}

function portNumber(name: string, text: string): number {
  const port = Number(text)
  if (text.trim() === '' || !Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new StartError(`${name} wants a number from 0 to 65535, not "${text}"`)
  }
  return port
}
