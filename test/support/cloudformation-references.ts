import type { SpecDatabase } from '@aws-cdk/service-spec-types'
import {
  intrinsicOf,
  isArray,
  isObject,
  type Json,
  type JsonObject,
  listOf,
  objectAt,
  type Problem,
  resourcesOf,
} from './cloudformation-template.ts'

const pseudoParameters = new Set([
  'AWS::AccountId',
  'AWS::NoValue',
  'AWS::NotificationARNs',
  'AWS::Partition',
  'AWS::Region',
  'AWS::StackId',
  'AWS::StackName',
  'AWS::URLSuffix',
])

/** Follows every Ref, GetAtt, Sub and DependsOn: what it names must be in the template, and have that attribute. */
export function checkReferences(template: JsonObject, spec: SpecDatabase): Problem[] {
  const types = new Map(resourcesOf(template).map(({ logicalId, type }) => [logicalId, type]))
  const parameters = objectAt(template, 'Parameters')

  const ref = (at: string, name: string): Problem[] =>
    types.has(name) || name in parameters || pseudoParameters.has(name)
      ? []
      : [{ at, message: `refers to ${name}, which is not there` }]

  const attribute = (at: string, logicalId: string, name: string): Problem[] => {
    const type = types.get(logicalId)
    if (type === undefined) return [{ at, message: `refers to ${logicalId}, which is not there` }]
    const [known] = spec.lookup('resource', 'cloudFormationType', 'equals', type)
    return known && name in known.attributes ? [] : [{ at, message: `${type} has no attribute ${name}` }]
  }

  const dotted = (at: string, text: string): Problem[] => {
    const [logicalId = '', ...path] = text.split('.')
    return path.length === 0 ? ref(at, logicalId) : attribute(at, logicalId, path.join('.'))
  }

  const substitution = (at: string, argument: Json): Problem[] => {
    const [text, variables] = isArray(argument) ? argument : [argument, {}]
    const own = isObject(variables) ? variables : {}
    const names = [...String(text).matchAll(/\$\{(?!!)([^}]+)\}/g)].map(([, name = '']) => name)
    return names.filter((name) => !(name in own)).flatMap((name) => dotted(at, name))
  }

  const walk = (at: string, value: Json): Problem[] => {
    if (isArray(value)) return value.flatMap((item, index) => walk(`${at}[${index}]`, item))
    if (!isObject(value)) return []
    const intrinsic = intrinsicOf(value)
    const inside = Object.entries(value).flatMap(([key, item]) => walk(`${at}.${key}`, item))
    switch (intrinsic?.name) {
      case 'Ref':
        return ref(at, String(intrinsic.argument))
      case 'Fn::GetAtt': {
        const [logicalId, name] = isArray(intrinsic.argument)
          ? intrinsic.argument
          : String(intrinsic.argument).split(/\.(.*)/)
        return attribute(at, String(logicalId), String(name))
      }
      case 'Fn::Sub':
        return [...substitution(at, intrinsic.argument), ...inside]
      default:
        return inside
    }
  }

  const dependencies = resourcesOf(template).flatMap(({ logicalId, whole }) =>
    listOf(whole.DependsOn)
      .filter((name) => !types.has(String(name)))
      .map((name) => ({
        at: `${logicalId}.DependsOn`,
        message: `refers to ${String(name)}, which is not there`,
      })),
  )
  return [
    ...dependencies,
    ...resourcesOf(template).flatMap(({ logicalId, properties }) => walk(logicalId, properties)),
    ...walk('Outputs', objectAt(template, 'Outputs')),
  ]
}
