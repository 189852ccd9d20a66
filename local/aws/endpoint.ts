import { mkdirSync } from 'node:fs'
import { answerReadout } from '../metering/answer-readout.ts'
import { Meter } from '../metering/meter.ts'
import { meteredDeliveries } from '../metering/metered-deliveries.ts'
import { meteredKinesis } from '../metering/metered-kinesis.ts'
import { type Athena, openAthena } from './athena/athena.ts'
import type { Call, Faults } from './call.ts'
import { openDispatch } from './dispatch.ts'
import { type DynamoDb, openDynamoDb } from './dynamodb/dynamodb.ts'
import { type Firehose, openFirehose } from './firehose/firehose.ts'
import { openKinesisStore } from './kinesis/disk-store.ts'
import type { KinesisStore } from './kinesis/store.ts'
import { openS3, type S3 } from './s3/s3.ts'
import { listen } from './server.ts'
import { openSqs, type Sqs } from './sqs/sqs.ts'
import { openParameters, type Parameters } from './ssm.ts'

/** Every AWS service the stack uses, at one address, with its data in one folder. */
export type Endpoint = {
  port: number
  kinesis: KinesisStore
  s3: S3
  firehose: Firehose
  dynamodb: DynamoDb
  ssm: Parameters
  athena: Athena
  sqs: Sqs
  /** What AWS would have billed of all this. */
  meter: Meter
  /** Hears of every call once it is answered; returns how to stop listening. */
  onCall(listener: (call: Call) => void): () => void
  /** Tests set its members to refuse calls. */
  faults: Faults
  /** Answers what was begun, delivers what Firehose holds, closes the stores. */
  close(): Promise<void>
}

export type EndpointOptions = {
  /** 0 takes a free port. */
  port: number
  dataDir: string
  /** Bucket name → folder below dataDir. */
  buckets: Record<string, string>
  /** The time at which records arrive in Kinesis; the clock's unless given. */
  now?: (() => number) | undefined
}

/**
 * Rejects with EADDRINUSE, before any data is touched, when the port is taken. The caller sees to it that no other
 * process works on the data folder.
 */
export async function startEndpoint(o: EndpointOptions): Promise<Endpoint> {
  const server = await listen(o.port)
  try {
    mkdirSync(o.dataDir, { recursive: true })
    const faults: Faults = {}
    const s3 = openS3(o)
    const dynamodb = await openDynamoDb(o.dataDir)
    const meter = new Meter()
    const kinesis = meteredKinesis(openKinesisStore(o.dataDir, o.now), meter)
    const firehose = openFirehose({
      dataDir: o.dataDir,
      s3: meteredDeliveries(s3, meter),
      onTaken: (stream, records) => meter.takenByFirehose(stream, records),
    })
    const ssm = openParameters(o.dataDir)
    const sqs = openSqs(o.dataDir)
    const athena = openAthena({ dataDir: o.dataDir, s3, onEnded: (execution) => meter.queried(execution) })
    const dispatch = openDispatch({ kinesis, s3, firehose, dynamodb, ssm, athena, sqs, faults, meter })
    server.answerWith(answerReadout(meter, dispatch.handle))
    const close = async () => {
      sqs.release()
      await server.close()
      sqs.close()
      await firehose.close()
      await athena.close()
      await Promise.all([kinesis.close(), dynamodb.close()])
    }
    return {
      port: server.port,
      kinesis,
      s3,
      firehose,
      dynamodb,
      ssm,
      athena,
      sqs,
      faults,
      meter,
      onCall: dispatch.onCall,
      close,
    }
  } catch (error) {
    await server.close()
    throw error
  }
}
