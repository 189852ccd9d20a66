import { loadAwsServiceSpecSync } from '@aws-cdk/aws-service-spec'
import { describe, expect, it } from 'vitest'
import { checkProperties } from '../../support/cloudformation-properties.ts'
import { checkReferences } from '../../support/cloudformation-references.ts'
import {
  allowStatements,
  unscopedResources,
  wildcardActions,
} from '../../support/cloudformation-statements.ts'
import type { Json, JsonObject } from '../../support/cloudformation-template.ts'

const spec = loadAwsServiceSpecSync()

const stream = (Properties: Json, rest: JsonObject = {}): JsonObject => ({
  Resources: { Stream: { Type: 'AWS::Kinesis::Stream', Properties, ...rest } },
})
const encryption = { EncryptionType: 'KMS', KeyId: 'alias/aws/kinesis' }

describe('the check of properties', () => {
  it('takes what AWS takes', () => {
    const good = stream({ Name: { Ref: 'AWS::StackName' }, ShardCount: 2, StreamEncryption: encryption })
    expect(checkProperties(good, spec)).toEqual([])
  })

  it.each<[string, Json, string]>([
    ['an unknown property', { Colour: 'red' }, '.Colour'],
    [
      'an unknown one deep inside',
      { StreamEncryption: { ...encryption, Salt: 1 } },
      '.StreamEncryption.Salt',
    ],
    ['a missing one deep inside', { StreamEncryption: { EncryptionType: 'KMS' } }, '.StreamEncryption.KeyId'],
    [
      'a value that is none of the allowed',
      { DesiredShardLevelMetrics: ['Noise'] },
      '.DesiredShardLevelMetrics[0]',
    ],
    ['a text where a number must be', { ShardCount: 'two' }, '.ShardCount'],
    ['a fraction where a whole number must be', { ShardCount: 1.5 }, '.ShardCount'],
    ['a number where a text must be', { Name: 1 }, '.Name'],
    ['an object where a list must be', { Tags: { a: 'b' } }, '.Tags'],
    ['a half tag', { Tags: [{ Key: 'a' }] }, '.Tags[0].Value'],
    ['a text made by a function where a list must be', { Tags: { 'Fn::Sub': 'a' } }, '.Tags'],
  ])('reports %s', (_name, properties, at) => {
    const problems = checkProperties(stream(properties), spec)
    expect(problems.map((problem) => problem.at)).toEqual([`Stream${at}`])
  })

  it('reports a missing property', () => {
    const role = { Resources: { Role: { Type: 'AWS::IAM::Role', Properties: {} } } }
    expect(checkProperties(role, spec)).toEqual([
      { at: 'Role.AssumeRolePolicyDocument', message: 'required, but missing' },
    ])
  })

  it('reports a resource type that there is not', () => {
    const strem = { Resources: { Stream: { Type: 'AWS::Kinesis::Strem' } } }
    expect(checkProperties(strem, spec).map(({ at }) => at)).toEqual(['Stream'])
  })

  it('reports a misspelt part of a resource', () => {
    const problems = checkProperties(stream({}, { DeletePolicy: 'Retain' }), spec)
    expect(problems.map(({ at }) => at)).toEqual(['Stream.DeletePolicy'])
  })
})

describe('the check of references', () => {
  it.each<[string, Json]>([
    ['a Ref', { Ref: 'Dam' }],
    ['a GetAtt of no resource', { 'Fn::GetAtt': ['Dam', 'Arn'] }],
    ['a GetAtt of no attribute', { 'Fn::GetAtt': ['Stream', 'Am'] }],
    ['a dotted GetAtt', { 'Fn::GetAtt': 'Stream.Am' }],
    ['a Sub of no resource', { 'Fn::Sub': `arn:\${AWS::Region}:\${Dam}` }],
    ['a Sub of no attribute', { 'Fn::Sub': `\${Stream.Arn}/\${Stream.Am}` }],
    ['a Ref inside a Join', { 'Fn::Join': ['', ['a', { Ref: 'Dam' }]] }],
  ])('reports %s', (_name, Name) => {
    expect(checkReferences(stream({ Name }), spec).map(({ at }) => at.slice(0, 11))).toEqual(['Stream.Name'])
  })

  it.each<[string, Json]>([
    ['a pseudo parameter', { Ref: 'AWS::AccountId' }],
    ['an attribute', { 'Fn::GetAtt': ['Stream', 'Arn'] }],
    ['a variable of the Sub itself', { 'Fn::Sub': [`\${own}`, { own: 'a' }] }],
    ['what a Sub leaves as it is', { 'Fn::Sub': `\${!Dam}` }],
  ])('takes %s', (_name, Name) => {
    expect(checkReferences(stream({ Name }), spec)).toEqual([])
  })

  it('reports a DependsOn', () => {
    expect(checkReferences(stream({}, { DependsOn: ['Dam'] }), spec).map(({ at }) => at)).toEqual([
      'Stream.DependsOn',
    ])
  })
})

describe('the statements of a template', () => {
  const statementsOf = (statement: Json) =>
    allowStatements({
      Resources: {
        Role: {
          Type: 'AWS::IAM::Role',
          Properties: { Policies: [{ PolicyDocument: { Statement: statement } }] },
        },
      },
    })

  it.each(['*', 's3:*', 's3:Get*'])('show the wildcard in the action %s', (Action) => {
    expect(
      statementsOf({ Effect: 'Allow', Action, Resource: 'arn:aws:s3:::lake/raw/*' }).flatMap(wildcardActions),
    ).toEqual([Action])
  })

  it.each(['*', 'arn:aws:s3:::*'])('show that the resource %s is everything', (Resource) => {
    expect(
      statementsOf([{ Effect: 'Allow', Action: 's3:GetObject', Resource }]).flatMap(unscopedResources),
    ).toEqual([Resource])
  })

  it('count a folder of a bucket as scoped, and leave out what is denied', () => {
    const statements = statementsOf([
      { Effect: 'Allow', Action: 's3:GetObject', Resource: 'arn:aws:s3:::lake/raw/*' },
      { Effect: 'Deny', Action: 's3:*', Resource: '*' },
    ])
    expect(statements.flatMap(wildcardActions)).toEqual([])
    expect(statements.flatMap(unscopedResources)).toEqual([])
  })
})
