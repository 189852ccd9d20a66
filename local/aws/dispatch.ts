import { randomUUID } from 'node:crypto'
import type { Meter } from '../metering/meter.ts'
import { athenaActions } from './athena/actions.ts'
import type { Athena } from './athena/athena.ts'
import type { Call, Fault, Faults, PreparedCall } from './call.ts'
import { type DynamoDb, prepareDynamoDbCall } from './dynamodb/dynamodb.ts'
import { AwsError, errorResponse, type Protocol } from './errors.ts'
import { firehoseActions } from './firehose/actions.ts'
import type { Firehose } from './firehose/firehose.ts'
import { type AwsRequest, type AwsResponse, credentialOf, header } from './http.ts'
import { type JsonService, prepareJsonCall } from './json-service.ts'
import { kinesisActions } from './kinesis/actions.ts'
import type { KinesisStore } from './kinesis/store.ts'
import { prepareS3Call } from './s3/calls.ts'
import type { S3 } from './s3/s3.ts'
import { sqsActions } from './sqs/actions.ts'
import type { Sqs } from './sqs/sqs.ts'
import { type Parameters, ssmActions } from './ssm.ts'
import { prepareStsCall } from './sts.ts'

export type Dispatch = {
  handle(request: AwsRequest): Promise<AwsResponse>
  onCall(listener: (call: Call) => void): () => void
}

type Services = {
  kinesis: KinesisStore
  s3: S3
  firehose: Firehose
  dynamodb: DynamoDb
  ssm: Parameters
  athena: Athena
  sqs: Sqs
  faults: Faults
  meter: Meter
}

/** Tells the services apart, runs the call, answers its errors, and lets listeners hear of it. */
export function openDispatch(services: Services): Dispatch {
  const { faults } = services
  const listeners = new Set<(call: Call) => void>()
  const byTarget: Record<string, JsonService> = {
    Kinesis_20131202: kinesisActions(services.kinesis, faults),
    Firehose_20150804: firehoseActions(services.firehose, faults),
    AmazonSSM: ssmActions(services.ssm),
    AmazonAthena: athenaActions(services.athena),
    AmazonSQS: sqsActions(services.sqs, faults),
  }

  function prepare(request: AwsRequest, principal: string): PreparedCall {
    const target = header(request, 'x-amz-target')?.split('.')[0]
    if (target === undefined) {
      return isSts(request) ? prepareStsCall(request, principal) : prepareS3Call(services.s3, request)
    }
    if (target.startsWith('DynamoDB_')) return prepareDynamoDbCall(services.dynamodb, request)
    const service = byTarget[target]
    if (!service) throw new AwsError('UnknownOperationException', `no service ${target} here`)
    return prepareJsonCall(service, request, principal)
  }

  async function run(call: PreparedCall, principal: string): Promise<AwsResponse> {
    const about = { service: call.service, action: call.action, resource: call.resource, principal }
    refuse(faults.call?.(about))
    const response = await call.run()
    refuse(faults.answer?.(about))
    return response
  }

  function tell(call: PreparedCall, principal: string, status: number): void {
    if (listeners.size === 0) return
    const { service, action, resource, payload } = call
    const heard = { service, action, principal, resource, status, ...(payload && { payload: payload() }) }
    for (const listener of listeners) listener(heard)
  }

  async function handle(request: AwsRequest): Promise<AwsResponse> {
    const requestId = randomUUID()
    const { principal } = credentialOf(request)
    let call: PreparedCall | undefined
    let response: AwsResponse
    try {
      call = prepare(request, principal)
      response = await run(call, principal)
    } catch (error) {
      response = errorResponse(asAwsError(error), call?.protocol ?? protocolOf(request), requestId)
    }
    if (call) services.meter.answered(call, request, response)
    if (call) tell(call, principal, response.status)
    if (request.method === 'HEAD' && response.status >= 400) delete response.body
    response.headers = { 'x-amzn-requestid': requestId, 'x-amz-request-id': requestId, ...response.headers }
    return response
  }

  const onCall = (listener: (call: Call) => void) => {
    listeners.add(listener)
    return () => void listeners.delete(listener)
  }
  return { handle, onCall }
}

function isSts(request: AwsRequest): boolean {
  return credentialOf(request).service === 'sts'
}

function protocolOf(request: AwsRequest): Protocol {
  if (header(request, 'x-amz-target') !== undefined) return 'json'
  return isSts(request) ? 'query' : 's3'
}

function refuse(fault: Fault | undefined): void {
  if (fault)
    throw new AwsError(fault.code, fault.message ?? 'refused by a test', { status: fault.status ?? 400 })
}

/** What is no AWS error is a fault of ours: the client may retry, and the person sees the stack. */
function asAwsError(error: unknown): AwsError {
  if (error instanceof AwsError) return error
  console.error(error)
  return new AwsError('InternalFailure', error instanceof Error ? error.message : String(error), {
    status: 500,
  })
}
