import { randomUUID } from 'node:crypto'
import { arnOf } from '../arn.ts'
import { type Faults, readable } from '../call.ts'
import { AwsError, invalidMember } from '../errors.ts'
import { Input } from '../input.ts'
import type { JsonService } from '../json-service.ts'
import type { Firehose } from './firehose.ts'

const maxRecords = 500
const maxRecordBytes = 1000 * 1024
const maxRequestBytes = 4 * 1024 * 1024

/** The Firehose API: writing, and looking at what was declared. */
export function firehoseActions(firehose: Firehose, faults: Faults): JsonService {
  function putRecord(input: Input) {
    const data = dataOf(input.object('Record'))
    firehose.stream(input.text('DeliveryStreamName')).append([data])
    return { RecordId: randomUUID(), Encrypted: false }
  }

  function putRecordBatch(input: Input) {
    const name = input.text('DeliveryStreamName')
    const stream = firehose.stream(name)
    const records = recordsOf(input)
    const refusals = records.map((data, index) =>
      faults.entry?.({ service: 'firehose', resource: name, index, data }),
    )
    stream.append(records.filter((_, index) => !refusals[index]))
    return {
      FailedPutCount: refusals.filter((fault) => fault).length,
      Encrypted: false,
      RequestResponses: refusals.map((fault) =>
        fault
          ? { ErrorCode: fault.code, ErrorMessage: fault.message ?? 'Slow down.' }
          : { RecordId: randomUUID() },
      ),
    }
  }

  function describeDeliveryStream(input: Input) {
    const { destination, createdMs } = firehose.stream(input.text('DeliveryStreamName'))
    const s3 = {
      BucketARN: `arn:aws:s3:::${destination.bucket}`,
      Prefix: destination.prefix,
      ErrorOutputPrefix: destination.errorOutputPrefix,
      BufferingHints: {
        IntervalInSeconds: destination.intervalMs / 1000,
        SizeInMBs: destination.maxBufferBytes / 1024 / 1024,
      },
      CompressionFormat: destination.compression,
      FileExtension: destination.fileExtension,
    }
    return {
      DeliveryStreamDescription: {
        DeliveryStreamName: destination.name,
        DeliveryStreamARN: arnOf('firehose', `deliverystream/${destination.name}`),
        DeliveryStreamStatus: 'ACTIVE',
        DeliveryStreamType: 'DirectPut',
        VersionId: '1',
        CreateTimestamp: createdMs / 1000,
        HasMoreDestinations: false,
        Destinations: [{ DestinationId: 'destinationId-000000000001', ExtendedS3DestinationDescription: s3 }],
      },
    }
  }

  return {
    service: 'firehose',
    hasLongTexts: true,
    actions: {
      PutRecord: putRecord,
      PutRecordBatch: putRecordBatch,
      DescribeDeliveryStream: describeDeliveryStream,
      ListDeliveryStreams: () => ({ DeliveryStreamNames: firehose.names(), HasMoreDeliveryStreams: false }),
    },
    resource: (input) => input.optionalText('DeliveryStreamName') ?? '*',
    payload,
  }
}

function recordsOf(input: Input): Buffer[] {
  const entries = input.list('Records')
  if (entries.length < 1 || entries.length > maxRecords) {
    throw invalidMember('records', `Member must have length between 1 and ${maxRecords}`)
  }
  const records = entries.map((entry) => dataOf(new Input(entry)))
  if (records.reduce((sum, data) => sum + data.length, 0) > maxRequestBytes) {
    throw new AwsError('InvalidArgumentException', 'Records size exceeds 4 MB limit')
  }
  return records
}

function dataOf(record: Input): Buffer {
  const data = record.blob('Data')
  if (data.length > maxRecordBytes) {
    throw invalidMember('data', `Member must have length less than or equal to ${maxRecordBytes}`)
  }
  return data
}

function payload(action: string, input: Input): (() => unknown) | undefined {
  const shown = (record: Input) => readable(record.optionalBlob('Data') ?? Buffer.alloc(0))
  if (action === 'PutRecord') return () => [shown(input.object('Record'))]
  if (action === 'PutRecordBatch') return () => input.list('Records').map((entry) => shown(new Input(entry)))
  return undefined
}
