import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { packageService } from '../../commands/deployment/package-service.ts'
import { type JsonObject, objectAt, resourcesOf } from './cloudformation-template.ts'
import { serviceFolder } from './service-folder.ts'

/** What `npm run package` makes for a stage, read into memory. */
export type Packaged = {
  readonly stage: string
  readonly template: JsonObject
  readonly zips: readonly { readonly name: string; readonly bytes: Buffer }[]
}

export async function packaged(stage: string): Promise<Packaged> {
  using folder = serviceFolder()
  const { template, zips } = await packageService(stage, folder.path)
  return {
    stage,
    template: JSON.parse(readFileSync(template.path, 'utf8')),
    zips: zips.map(({ path }) => ({ name: basename(path, '.zip'), bytes: readFileSync(path) })),
  }
}

export type Change = (properties: JsonObject) => JsonObject

export function changed(template: JsonObject, logicalId: string, change: Change): JsonObject {
  const resources = objectAt(template, 'Resources')
  const resource = objectAt(resources, logicalId)
  const Properties = change(objectAt(resource, 'Properties'))
  return { ...template, Resources: { ...resources, [logicalId]: { ...resource, Properties } } }
}

export function properties({ template }: Packaged, logicalId: string): JsonObject {
  return objectAt(objectAt(objectAt(template, 'Resources'), logicalId), 'Properties')
}

export function propertiesOf({ template }: Packaged, type: string): JsonObject[] {
  return resourcesOf(template)
    .filter((resource) => resource.type === type)
    .map((resource) => resource.properties)
}

/** `TableInput` of the table of that name. */
export function glueTable(stage: Packaged, name: string): JsonObject {
  const inputs = propertiesOf(stage, 'AWS::Glue::Table').map((table) => objectAt(table, 'TableInput'))
  return inputs.find((input) => input.Name === name) ?? {}
}

export function delivery(stage: Packaged, id: string): JsonObject {
  return objectAt(properties(stage, `${id}Delivery`), 'ExtendedS3DestinationConfiguration')
}

export function environment(stage: Packaged, name: string): JsonObject {
  return objectAt(
    objectAt(properties(stage, `${capitalized(name)}LambdaFunction`), 'Environment'),
    'Variables',
  )
}

export function capitalized(name: string): string {
  return `${name.charAt(0).toUpperCase()}${name.slice(1)}`
}
