// An endpoint in a process of its own, for tests that kill it. Prints its port once it is up.
import { startEndpoint } from '../../local/aws/endpoint.ts'
import { queueNamed } from '../support/sqs-queue.ts'
import { buckets } from './endpoint-fixture.ts'

const [dataDir = ''] = process.argv.slice(2)
const endpoint = await startEndpoint({ port: 0, dataDir, buckets })
endpoint.kinesis.createStream({ name: 'clicks', shardCount: 1 })
await endpoint.dynamodb.createTable({
  TableName: 'metrics',
  AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
  KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
})
endpoint.firehose.declare({
  DeliveryStreamName: 'raw',
  ExtendedS3DestinationConfiguration: {
    BucketARN: 'arn:aws:s3:::weir-test-lake',
    Prefix: 'raw/dt=!{timestamp:yyyy-MM-dd}/',
    BufferingHints: { IntervalInSeconds: 900, SizeInMBs: 64 },
  },
})
endpoint.sqs.declare(queueNamed('jobs'))
console.log(endpoint.port)
