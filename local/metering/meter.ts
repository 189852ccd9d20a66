import type { Execution } from '../aws/athena/execution.ts'
import type { PreparedCall } from '../aws/call.ts'
import type { AwsRequest, AwsResponse } from '../aws/http.ts'
import type { Usage } from '../stack/invocation.ts'
import { customMetrics } from './custom-metrics.ts'
import { addDynamoDbCall } from './dynamodb-units.ts'
import type {
  BucketUnits,
  DeliveryUnits,
  FunctionUnits,
  QueryUnits,
  Readout,
  StreamUnits,
  TableUnits,
} from './readout.ts'
import { s3Class } from './s3-class.ts'

const putUnitBytes = 25 * 1024
const firehoseUnitBytes = 5 * 1024
const sqsRequestBytes = 64 * 1024
const athenaUnitBytes = 1024 * 1024
const leastMegabytes = 10
const scanningKinds: ReadonlySet<string> = new Set(['select', 'insert', 'create-table'])

/** Counts what AWS bills, by the rules of each service's page of prices: its listeners only add. */
export class Meter {
  #streams = new Tally<StreamUnits>(() => ({ putUnits: 0, records: 0, bytes: 0 }))
  #functions = new Tally<FunctionUnits>(newFunction)
  #buckets = new Tally<BucketUnits>(() => ({
    writes: 0,
    reads: 0,
    deletes: 0,
    bytesWritten: 0,
    delivered: {},
  }))
  #tables = new Tally<TableUnits>(() => ({
    writes: 0,
    writeUnits: 0,
    reads: 0,
    readUnits: 0,
    bytesWritten: 0,
  }))
  #deliveries = new Tally<DeliveryUnits>(() => ({ records: 0, bytes: 0, billedBytes: 0, convertedBytes: 0 }))
  #queries: QueryUnits = { queries: 0, scannedBytes: 0, billedBytes: 0 }
  #sqsRequests = 0

  /** https://aws.amazon.com/kinesis/data-streams/pricing/ */
  putRecords(stream: string, records: readonly { data: Uint8Array; partitionKey: string }[]): void {
    const units = this.#streams.of(stream)
    for (const { data, partitionKey } of records) {
      const bytes = data.length + Buffer.byteLength(partitionKey)
      units.putUnits += Math.max(1, Math.ceil(data.length / putUnitBytes))
      units.records++
      units.bytes += bytes
    }
  }

  /** https://aws.amazon.com/firehose/pricing/ */
  takenByFirehose(stream: { name: string; conversion?: object }, records: readonly Uint8Array[]): void {
    const units = this.#deliveries.of(stream.name)
    for (const { length } of records) {
      const billed = Math.ceil(length / firehoseUnitBytes) * firehoseUnitBytes
      units.records++
      units.bytes += length
      units.billedBytes += billed
      if (stream.conversion) units.convertedBytes += billed
    }
  }

  deliveredByFirehose(bucket: string, o: { key: string; sizeBytes: number }): void {
    const { delivered } = this.#buckets.of(bucket)
    const folder = o.key.slice(0, Math.max(0, o.key.indexOf('/')))
    const known = delivered[folder] ?? { objects: 0, bytes: 0 }
    delivered[folder] = { objects: known.objects + 1, bytes: known.bytes + o.sizeBytes }
  }

  /** A call of a client, once it was answered. What the service refused for itself (a 5xx) is not billed. */
  answered(call: PreparedCall, request: AwsRequest, response: AwsResponse): void {
    if (response.status >= 500) return
    switch (call.service) {
      case 's3':
        this.#s3Call(call, request, response)
        return
      case 'dynamodb':
        if (!isBilledByDynamoDb(response)) return
        addDynamoDbCall(
          { action: call.action, input: call.input, output: () => JSON.parse(String(response.body)) },
          (table) => this.#tables.of(table),
        )
        return
      case 'sqs':
        this.#sqsRequests += Math.max(1, Math.ceil(request.body.length / sqsRequestBytes))
        return
    }
  }

  /** https://aws.amazon.com/lambda/pricing/: by the millisecond. */
  invoked(functionName: string, o: { memoryMb: number; usage: Usage | undefined }): void {
    const units = this.#functions.of(functionName)
    units.requests++
    if (!o.usage) return
    units.durationMs += o.usage.durationMs
    units.cpuMs += o.usage.cpuMs
    units.gbSeconds += (Math.ceil(o.usage.durationMs) / 1000) * (o.memoryMb / 1024)
  }

  logged(functionName: string, text: string): void {
    const units = this.#functions.of(functionName)
    units.logBytes += Buffer.byteLength(text)
    for (const metric of customMetrics(text)) if (!units.metrics.includes(metric)) units.metrics.push(metric)
  }

  /** Statements that define, and queries that failed, are free: https://aws.amazon.com/athena/pricing/ */
  queried({ kind, state, scannedBytes }: Pick<Execution, 'kind' | 'state' | 'scannedBytes'>): void {
    if (state === 'FAILED' || !scanningKinds.has(kind)) return
    const megabytes = Math.ceil(scannedBytes / athenaUnitBytes)
    this.#queries.queries++
    this.#queries.scannedBytes += scannedBytes
    this.#queries.billedBytes += Math.max(leastMegabytes, megabytes) * athenaUnitBytes
  }

  readout(): Readout {
    return structuredClone({
      kinesis: this.#streams.all(),
      lambda: this.#functions.all(),
      s3: this.#buckets.all(),
      dynamodb: this.#tables.all(),
      firehose: this.#deliveries.all(),
      athena: this.#queries,
      sqs: { requests: this.#sqsRequests },
    })
  }

  #s3Call(call: PreparedCall, request: AwsRequest, response: AwsResponse): void {
    const [bucket = ''] = call.resource.split('/')
    const units = this.#buckets.of(bucket)
    switch (s3Class(call.action)) {
      case 'write':
        units.writes++
        if (response.status < 300) units.bytesWritten += request.body.length
        return
      case 'read':
        units.reads++
        return
      case 'delete':
        units.deletes++
        return
    }
  }
}

/** One set of units for each name. */
class Tally<Units extends object> {
  readonly #byName = new Map<string, Units>()
  readonly #start: () => Units

  constructor(start: () => Units) {
    this.#start = start
  }

  of(name: string): Units {
    const known = this.#byName.get(name)
    if (known) return known
    const units = this.#start()
    this.#byName.set(name, units)
    return units
  }

  all(): Record<string, Units> {
    return Object.fromEntries(this.#byName)
  }
}

function newFunction(): FunctionUnits {
  return { requests: 0, durationMs: 0, cpuMs: 0, gbSeconds: 0, logBytes: 0, metrics: [] }
}

/** Of what it refuses, only a failed condition. */
function isBilledByDynamoDb({ status, body }: AwsResponse): boolean {
  return status === 200 || String(body).includes('ConditionalCheckFailedException')
}
