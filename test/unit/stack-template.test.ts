import { describe, expect, it } from 'vitest'
import type { Json, JsonObject } from '../../local/stack/intrinsic.ts'
import { readTemplate } from '../../local/stack/template.ts'

const arnOf = (logicalId: string): Json => ({ 'Fn::GetAtt': [logicalId, 'Arn'] })

function templateWith(mapping: JsonObject = {}): Json {
  return {
    Resources: {
      Raw: {
        Type: 'AWS::Kinesis::Stream',
        Properties: { Name: 'weir-local-raw', ShardCount: 2, RetentionPeriodHours: 168 },
      },
      Lake: {
        Type: 'AWS::S3::Bucket',
        Properties: { BucketName: { 'Fn::Join': ['-', ['weir', { Ref: 'Stage' }, 'lake']] } },
      },
      ServerlessDeploymentBucket: { Type: 'AWS::S3::Bucket', Properties: {} },
      EnrichLambdaFunction: {
        Type: 'AWS::Lambda::Function',
        Properties: {
          Code: {
            S3Bucket: { Ref: 'ServerlessDeploymentBucket' },
            S3Key: 'serverless/weir/local/1/enrich.zip',
          },
          Handler: 'functions/enrich/handler.handler',
          FunctionName: 'weir-local-enrich',
          MemorySize: 512,
          Timeout: 60,
          Environment: { Variables: { LAKE_BUCKET: { Ref: 'Lake' }, RAW_ARN: arnOf('Raw'), LANES: 8 } },
        },
      },
      Mapping: {
        Type: 'AWS::Lambda::EventSourceMapping',
        Properties: {
          BatchSize: 500,
          MaximumBatchingWindowInSeconds: 1,
          EventSourceArn: arnOf('Raw'),
          FunctionName: arnOf('EnrichLambdaFunction'),
          StartingPosition: 'TRIM_HORIZON',
          FunctionResponseTypes: ['ReportBatchItemFailures'],
          ...mapping,
        },
      },
      Rule: {
        Type: 'AWS::Events::Rule',
        Properties: {
          ScheduleExpression: 'rate(1 minute)',
          Targets: [{ Id: 'a', Arn: arnOf('EnrichLambdaFunction') }],
        },
      },
      Integration: {
        Type: 'AWS::ApiGatewayV2::Integration',
        Properties: { IntegrationUri: arnOf('EnrichLambdaFunction') },
      },
      Route: {
        Type: 'AWS::ApiGatewayV2::Route',
        Properties: {
          RouteKey: 'POST /v1/batch',
          Target: { 'Fn::Join': ['/', ['integrations', { Ref: 'Integration' }]] },
        },
      },
    },
    Parameters: { Stage: { Type: 'String', Default: 'local' } },
  }
}

describe('a compiled template', () => {
  it('declares streams and buckets by name, without the bucket of deployments', () => {
    const { streams, buckets } = readTemplate(templateWith())
    expect(streams).toEqual([{ name: 'weir-local-raw', shardCount: 2, retentionHours: 168 }])
    expect(buckets).toEqual(['weir-local-lake'])
  })

  it('declares functions with their environment resolved to local names and ARNs', () => {
    expect(readTemplate(templateWith()).functions).toEqual([
      {
        name: 'weir-local-enrich',
        handler: 'functions/enrich/handler.handler',
        zip: 'enrich.zip',
        memoryMb: 512,
        timeoutMs: 60_000,
        environment: {
          LAKE_BUCKET: 'weir-local-lake',
          RAW_ARN: 'arn:aws:kinesis:us-east-1:000000000000:stream/weir-local-raw',
          LANES: '8',
        },
      },
    ])
  })

  it('declares event source mappings with the defaults of Lambda', () => {
    expect(readTemplate(templateWith()).mappings).toEqual([
      {
        id: 'Mapping',
        streamName: 'weir-local-raw',
        streamArn: 'arn:aws:kinesis:us-east-1:000000000000:stream/weir-local-raw',
        functionName: 'weir-local-enrich',
        batchSize: 500,
        windowMs: 1000,
        startingPosition: 'TRIM_HORIZON',
        reportsBatchItemFailures: true,
        bisects: false,
        maxRetries: -1,
        maxRecordAgeMs: -1,
        onFailureBucket: undefined,
      },
    ])
  })

  it('declares what a mapping does with failures', () => {
    const [mapping] = readTemplate(
      templateWith({
        BisectBatchOnFunctionError: true,
        MaximumRetryAttempts: 3,
        MaximumRecordAgeInSeconds: 60,
        DestinationConfig: { OnFailure: { Destination: arnOf('Lake') } },
      }),
    ).mappings
    expect(mapping).toMatchObject({
      bisects: true,
      maxRetries: 3,
      maxRecordAgeMs: 60_000,
      onFailureBucket: 'weir-local-lake',
    })
  })

  it('refuses what the local stack cannot honour, and names it', () => {
    expect(() => readTemplate(templateWith({ FilterCriteria: {} }))).toThrow(/Mapping.*FilterCriteria/)
    expect(() => readTemplate(templateWith({ StartingPosition: 'AT_TIMESTAMP' }))).toThrow(/AT_TIMESTAMP/)
    expect(() => readTemplate(templateWith({ EventSourceArn: { 'Fn::ImportValue': 'x' } }))).toThrow(
      /Fn::ImportValue/,
    )
    expect(() => readTemplate(templateWith({ EventSourceArn: arnOf('Nowhere') }))).toThrow(/Nowhere/)
  })

  it('declares routes and schedules with the function they invoke', () => {
    const { routes, schedules } = readTemplate(templateWith())
    expect(routes).toEqual([{ routeKey: 'POST /v1/batch', functionName: 'weir-local-enrich' }])
    expect(schedules).toMatchObject([{ expression: 'rate(1 minute)', functionName: 'weir-local-enrich' }])
  })
})
