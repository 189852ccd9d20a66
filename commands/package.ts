import { join, relative } from 'node:path'
import { parseArguments } from './command-line/parse-arguments.ts'
import { runCommand } from './command-line/run-command.ts'
import { textTable } from './command-line/text-table.ts'
import { UserError } from './command-line/user-error.ts'
import { type PackagedFile, packageService } from './deployment/package-service.ts'
import { stageNamed } from './stage/stage.ts'

const usage = `npm run package -- [--stage NAME]

Builds the CloudFormation template of a stage and the zip of each function into .serverless/,
with no network and no credentials.

  --stage NAME   the stage to package for (default: local)
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
    throw new UserError(`package takes no ${JSON.stringify(positionals[0])}; options: --stage NAME, --help`)
  const { template, zips } = await packageService(stageNamed(values.stage).name, projectFolder)
  const row = ({ path, bytes }: PackagedFile) => [
    relative(process.cwd(), path),
    (bytes / 1024).toLocaleString('en', { maximumFractionDigits: 0 }),
  ]
  console.log(textTable({ columns: ['file', 'KiB'], rows: [template, ...zips].map(row) }))
  return 0
})
