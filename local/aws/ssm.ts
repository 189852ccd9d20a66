import { join } from 'node:path'
import { arnOf } from './arn.ts'
import { AwsError } from './errors.ts'
import { readJsonFile, replaceFile } from './file.ts'
import type { Input } from './input.ts'
import type { JsonService } from './json-service.ts'

export type Parameter = { name: string; type: string; value: string; version: number; modifiedMs: number }

export type Parameters = {
  get(name: string): Parameter | undefined
  put(o: { name: string; type: string; value: string; overwrite: boolean }): Parameter
}

/** Parameters in one file. A SecureString is not encrypted here: the file is the laptop's own. */
export function openParameters(dataDir: string): Parameters {
  const path = join(dataDir, 'ssm.json')
  const all = new Map(parametersIn(readJsonFile(path)))
  return {
    get: (name) => all.get(name),
    put({ name, type, value, overwrite }) {
      const before = all.get(name)
      if (before && !overwrite) {
        throw new AwsError(
          'ParameterAlreadyExists',
          `The parameter ${name} already exists: set overwrite to replace it.`,
        )
      }
      const parameter = { name, type, value, version: (before?.version ?? 0) + 1, modifiedMs: Date.now() }
      all.set(name, parameter)
      replaceFile(path, JSON.stringify([...all.values()], null, 2))
      return parameter
    },
  }
}

function parametersIn(stored: unknown): [string, Parameter][] {
  return ((stored ?? []) as Parameter[]).map((parameter) => [parameter.name, parameter])
}

export function ssmActions(parameters: Parameters): JsonService {
  const shown = (parameter: Parameter, decrypted: boolean) => ({
    ARN: arnOf('ssm', `parameter/${parameter.name.replace(/^\//, '')}`),
    DataType: 'text',
    LastModifiedDate: parameter.modifiedMs / 1000,
    Name: parameter.name,
    Type: parameter.type,
    Value:
      parameter.type === 'SecureString' && !decrypted
        ? Buffer.from(parameter.value).toString('base64')
        : parameter.value,
    Version: parameter.version,
  })

  function getParameter(input: Input) {
    const name = input.text('Name')
    const parameter = parameters.get(name)
    if (!parameter) throw new AwsError('ParameterNotFound', `Parameter ${name} not found.`)
    return { Parameter: shown(parameter, input.optionalFlag('WithDecryption') ?? false) }
  }

  function getParameters(input: Input) {
    const names = input.list('Names').map(String)
    const found = names.map((name) => parameters.get(name)).filter((parameter) => parameter !== undefined)
    const decrypted = input.optionalFlag('WithDecryption') ?? false
    return {
      Parameters: found.map((parameter) => shown(parameter, decrypted)),
      InvalidParameters: names.filter((name) => !parameters.get(name)),
    }
  }

  function putParameter(input: Input) {
    const name = input.text('Name')
    const type = input.optionalText('Type') ?? parameters.get(name)?.type ?? 'String'
    const overwrite = input.optionalFlag('Overwrite') ?? false
    const { version } = parameters.put({ name, type, value: input.text('Value'), overwrite })
    return { Version: version, Tier: 'Standard' }
  }

  return {
    service: 'ssm',
    actions: { GetParameter: getParameter, GetParameters: getParameters, PutParameter: putParameter },
    resource: (input) => input.optionalText('Name') ?? input.list('Names').join(','),
    payload: (action, input) =>
      action === 'PutParameter' ? () => ({ type: input.optionalText('Type') }) : undefined,
  }
}
