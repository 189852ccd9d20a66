import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { createSecretParameter } from '../shared/aws/secret-parameter.ts'
import { parseArguments } from './command-line/parse-arguments.ts'
import { runCommand } from './command-line/run-command.ts'
import { UserError } from './command-line/user-error.ts'
import { packageService } from './deployment/package-service.ts'
import { runServerless } from './deployment/serverless-framework.ts'
import { stageNamed } from './stage/stage.ts'

const usage = `npm run deploy -- --stage NAME

Packages the stage and deploys it to AWS, to the account of your credentials and the region in AWS_REGION.
Before the first time it makes the stage's two secrets in SSM: the key of the control records, and one write key.

  --stage NAME   the stage, such as prod
  --help         this text`

const projectFolder = join(import.meta.dirname, '..')

await runCommand(async (args) => {
  const { values, positionals } = parseArguments(args, {
    stage: { type: 'string' },
    help: { type: 'boolean', short: 'h' },
  })
  if (values.help) {
    console.log(usage)
    return 0
  }
  if (positionals.length > 0)
    throw new UserError(`deploy takes no ${JSON.stringify(positionals[0])}; options: --stage NAME, --help`)
  await deploy(deployableStage(values.stage))
  return 0
})

function deployableStage(name: string | undefined): string {
  if (name === undefined) throw new UserError('deploy needs a stage: npm run deploy -- --stage prod')
  const stage = stageNamed(name)
  if (stage.isLocal) throw new UserError('stage local is the one of this machine: npm start runs it')
  // Left over from trying the AWS CLI on the local stack.
  if (process.env.AWS_ENDPOINT_URL)
    throw new UserError(`AWS_ENDPOINT_URL is ${process.env.AWS_ENDPOINT_URL}: unset it to deploy to AWS`)
  return stage.name
}

async function deploy(stage: string): Promise<void> {
  // serverless.yml falls back to the same region; the SDK alone would ask the profile for one.
  process.env.AWS_REGION ||= process.env.AWS_DEFAULT_REGION || 'us-east-1'
  await packageService(stage, projectFolder)
  // Before the functions, which read them with the first event.
  await createSecrets(stage)
  await runServerless({
    arguments: ['deploy', '--stage', stage, '--package', '.serverless'],
    serviceFolder: projectFolder,
    environment: process.env,
    output: 'shown',
  })
}

async function createSecrets(stage: string): Promise<void> {
  const secrets = [
    { name: `/weir/${stage}/control-key`, value: randomBytes(32).toString('hex') },
    { name: `/weir/${stage}/write-keys`, value: randomBytes(18).toString('base64url') },
  ]
  for (const secret of secrets) {
    const isNew = await createSecretParameter(secret).catch((error) => {
      if (error instanceof Error && error.name === 'CredentialsProviderError')
        throw new UserError(
          'no AWS credentials: set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY',
        )
      throw error
    })
    console.log(isNew ? `made the SSM parameter ${secret.name}` : `kept the SSM parameter ${secret.name}`)
  }
}
