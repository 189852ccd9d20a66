import {
  isObject,
  type Json,
  type JsonObject,
  listOf,
  objectAt,
  resourcesOf,
} from './cloudformation-template.ts'

/** One statement of a policy that allows something to whoever has it. */
export type AllowStatement = {
  /** Logical id of the role, or of the resource whose policy it is. */
  readonly owner: string
  readonly actions: readonly string[]
  readonly resources: readonly Json[]
}

/** Every statement in the template that allows an identity something: policies in roles and beside them. */
export function allowStatements(template: JsonObject): readonly AllowStatement[] {
  return resourcesOf(template).flatMap(({ logicalId, properties }) => {
    const inRole = listOf(properties.Policies).map((policy) => objectAt(policy, 'PolicyDocument'))
    return [...inRole, objectAt(properties, 'PolicyDocument')]
      .flatMap((document) => listOf(document.Statement))
      .filter(isObject)
      .filter((statement) => statement.Effect !== 'Deny')
      .map((statement) => ({
        owner: logicalId,
        actions: listOf(statement.Action).map(String),
        resources: listOf(statement.Resource),
      }))
  })
}

/** Actions that name more than one call: `*`, `s3:*`, `s3:Get*`. */
export const wildcardActions = ({ actions }: AllowStatement): readonly string[] =>
  actions.filter((action) => action.includes('*'))

/** Resources that are everything there is: `*`, or an ARN without a name in it. */
export const unscopedResources = ({ resources }: AllowStatement): readonly Json[] =>
  resources.filter((resource) => typeof resource === 'string' && /^(\*|arn:[^/]*:\*)$/.test(resource))
