import { FirehoseClient, PutRecordBatchCommand } from '@aws-sdk/client-firehose'
import { joinRows } from '../core/lake/firehose-records.ts'
import { joinRowsGzipped } from '../core/lake/gzip-lines.ts'
import { resendRefused } from '../core/lake/resend.ts'
import type { Lake } from '../core/lane/ports.ts'
import { pause } from './backoff.ts'

export type DeliveryStream = {
  /** Hands over every record, resending what is refused inside a 200, or throws. At least once. */
  send(records: readonly Uint8Array[]): Promise<void>
}

// https://docs.aws.amazon.com/firehose/latest/APIReference/API_PutRecordBatch.html
const maxRecordsPerRequest = 500
const maxBytesPerRequest = 4 * 1024 * 1024

export const createDeliveryStream = (name: string, client = sharedClient()): DeliveryStream => ({
  async send(records) {
    for (const request of requestsOf(records)) await sendAll(client, name, request)
  },
})

const requestsOf = (records: readonly Uint8Array[]): Uint8Array[][] => {
  const requests: Uint8Array[][] = []
  let bytes = 0
  for (const record of records) {
    const last = requests.at(-1)
    if (last && last.length < maxRecordsPerRequest && bytes + record.length <= maxBytesPerRequest) {
      last.push(record)
      bytes += record.length
    } else {
      requests.push([record])
      bytes = record.length
    }
  }
  return requests
}

const sendAll = (client: FirehoseClient, name: string, request: readonly Uint8Array[]): Promise<void> =>
  resendRefused(request, {
    name,
    async put(records) {
      const answer = await client.send(
        new PutRecordBatchCommand({ DeliveryStreamName: name, Records: records.map((Data) => ({ Data })) }),
      )
      const answers = answer.RequestResponses ?? []
      const refused = answer.FailedPutCount
        ? [...records.keys()].filter((place) => !answers[place]?.RecordId)
        : []
      return { refused, reason: answers.find(({ ErrorCode }) => ErrorCode)?.ErrorCode ?? '' }
    },
    pause,
  })

/** The delivery streams of the lake's tables: Parquet is converted from plain JSON, bad events are gzipped here. */
export const createLake = (names: {
  readonly events: string
  readonly sessions: string
  readonly bad: string
}): Lake => {
  const events = createDeliveryStream(names.events)
  const sessions = createDeliveryStream(names.sessions)
  const bad = createDeliveryStream(names.bad)
  return {
    async send(rows) {
      await Promise.all([
        events.send(joinRows(rows.events)),
        sessions.send(joinRows(rows.sessions)),
        bad.send(joinRowsGzipped(rows.bad)),
      ])
    },
  }
}

let client: FirehoseClient | undefined
function sharedClient(): FirehoseClient {
  client ??= new FirehoseClient({})
  return client
}
