import { connect } from 'node:net'
import { nothingAnswers } from '../command-line/run-command.ts'
import { UserError } from '../command-line/user-error.ts'

/** Names of the resources of a stage, as serverless.yml gives them. */
export type Stage = {
  readonly name: string
  readonly isLocal: boolean
  readonly rawStream: string
  readonly metricsTable: string
  readonly controlKeyParameter: string
  /** Of Athena. */
  readonly workGroup: string
  /** Of the Glue catalogue. */
  readonly database: string
}

export const localEndpoint = 'http://127.0.0.1:4566'

export function stageNamed(name = 'local'): Stage {
  if (!/^[a-z][a-z0-9-]{0,19}$/.test(name))
    throw new UserError(
      `--stage takes a name such as prod (a-z, 0-9, -; up to 20), not ${JSON.stringify(name)}`,
    )
  return {
    name,
    isLocal: name === 'local',
    rawStream: `weir-${name}-raw`,
    metricsTable: `weir-${name}-metrics`,
    controlKeyParameter: `/weir/${name}/control-key`,
    workGroup: `weir-${name}`,
    // A hyphen would have to be quoted in every query.
    database: `weir_${name.replaceAll('-', '_')}`,
  }
}

/** Points the AWS clients of this process at the stage, and makes sure that the local stack is there. */
export async function enterStage(stage: Stage): Promise<void> {
  if (!stage.isLocal) return
  const environment = localEnvironment(process.env)
  Object.assign(process.env, environment)
  if (!(await answers(environment.AWS_ENDPOINT_URL)))
    throw new UserError(nothingAnswers(environment.AWS_ENDPOINT_URL))
}

/** What stage local needs in the environment; what the user has set stays. */
export const localEnvironment = (given: NodeJS.ProcessEnv) => ({
  AWS_ENDPOINT_URL: given.AWS_ENDPOINT_URL || localEndpoint,
  AWS_REGION: given.AWS_REGION || 'us-east-1',
  AWS_ACCESS_KEY_ID: given.AWS_ACCESS_KEY_ID || 'local',
  AWS_SECRET_ACCESS_KEY: given.AWS_SECRET_ACCESS_KEY || 'local',
  // Without it the SDK asks an address that only exists on EC2, and waits.
  AWS_EC2_METADATA_DISABLED: 'true',
})

const connectTimeoutMs = 1_000

/** Whether something listens at the address. Throws one line when it is no address. */
export function answers(endpoint: string): Promise<boolean> {
  const url = URL.parse(endpoint)
  if (!url) throw new UserError(`AWS_ENDPOINT_URL is no address: ${JSON.stringify(endpoint)}`)
  const port = Number(url.port || (url.protocol === 'https:' ? 443 : 80))
  return new Promise((resolve) => {
    const socket = connect({ host: url.hostname, port, timeout: connectTimeoutMs })
    const end = (isThere: boolean) => {
      socket.destroy()
      resolve(isThere)
    }
    socket
      .once('connect', () => end(true))
      .once('error', () => end(false))
      .once('timeout', () => end(false))
  })
}
