import type { Protocol } from './errors.ts'
import type { AwsResponse } from './http.ts'

export type ServiceName = 'kinesis' | 's3' | 'dynamodb' | 'firehose' | 'ssm' | 'sts' | 'athena' | 'sqs'

/** One call to the endpoint, as listeners hear of it once it was answered. */
export type Call = {
  service: ServiceName
  /** The name of the API action, as in an IAM policy but for the few of S3 (HeadObject is authorised as s3:GetObject). */
  action: string
  /** The access key id; local functions sign with their function name. */
  principal: string
  /** Stream, table, delivery stream or parameter name; for S3 `bucket` or `bucket/key`. */
  resource: string
  status: number
  /** Writes only: what was written, decoded as far as it is text. */
  payload?: unknown
}

/** A call that was understood and can be run. */
export type PreparedCall = {
  service: ServiceName
  action: string
  resource: string
  protocol: Protocol
  /** Of DynamoDB: the call's JSON, for whoever measures it. */
  input?: object
  /** Given by writes; only asked for while somebody listens. */
  payload?: () => unknown
  run: () => AwsResponse | Promise<AwsResponse>
}

export type Fault = { code: string; message?: string; status?: number }
export type CallAbout = Pick<Call, 'service' | 'action' | 'principal' | 'resource'>
export type EntryAbout = {
  service: 'kinesis' | 'firehose' | 'sqs'
  resource: string
  index: number
  data: Buffer
  partitionKey?: string
}

/** Set by tests: what a function returns is answered in place of success. */
export type Faults = {
  /** Refuses a whole call before it is done. */
  call?: ((call: CallAbout) => Fault | undefined) | undefined
  /** Lets the call be done and then answers an error: the ambiguous case. */
  answer?: ((call: CallAbout) => Fault | undefined) | undefined
  /** Refuses single entries of PutRecords, PutRecordBatch and SendMessageBatch inside a 200. */
  entry?: ((entry: EntryAbout) => Fault | undefined) | undefined
}

/** Text as text, a JSON document as its value, also one with bytes behind its line, anything else as its size. */
export function readable(bytes: Buffer): unknown {
  const text = bytes.toString('utf8')
  if (text.includes('\uFFFD') || text.includes('\0')) return readableLine(bytes) ?? { bytes: bytes.length }
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

function readableLine(bytes: Buffer): unknown {
  const end = bytes.indexOf('\n')
  if (end === -1 || bytes[0] !== 0x7b) return undefined
  try {
    return { line: JSON.parse(bytes.toString('utf8', 0, end)), bytesBehind: bytes.length - end - 1 }
  } catch {
    return undefined
  }
}
