import { spawnSync } from 'node:child_process'
import { FirehoseClient } from '@aws-sdk/client-firehose'
import { KinesisClient, type KinesisClientConfig, PutRecordCommand } from '@aws-sdk/client-kinesis'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { execute, type RunningProject, startProject } from '../support/running-project.ts'

const isThere = (program: string, ...args: string[]) =>
  spawnSync(program, args, { stdio: 'ignore' }).status === 0
const hasCli = isThere('aws', '--version')
const hasBoto3 = isThere('python3', '-c', 'import boto3')
if (!hasCli) console.warn('the test of the AWS CLI is skipped: it is not installed')
if (!hasBoto3) console.warn('the test of boto3 is skipped: it is not installed')

/** Whatever else the person has in the environment; of AWS no more than anyone must say. */
const awsEnvironment = (awsUrl: string) => ({
  AWS_ENDPOINT_URL: awsUrl,
  AWS_REGION: 'eu-west-3',
  AWS_DEFAULT_REGION: 'eu-west-3',
  AWS_ACCESS_KEY_ID: 'anything',
  AWS_SECRET_ACCESS_KEY: 'anything',
})

let project: RunningProject

beforeAll(async () => {
  project = await startProject()
  for (const [name, value] of Object.entries(awsEnvironment(project.stack.awsUrl))) vi.stubEnv(name, value)
}, 60_000)
afterAll(() => project?.stop(), 60_000)

const eventOf = (client: string) =>
  JSON.stringify({ type: 'track', event: 'Signed Up', messageId: client, userId: client })

async function put(client: string, options: KinesisClientConfig): Promise<void> {
  const kinesis = new KinesisClient(options)
  const Data = Buffer.from(eventOf(client))
  await kinesis.send(new PutRecordCommand({ StreamName: 'weir-local-raw', PartitionKey: client, Data }))
  kinesis.destroy()
}

async function arrives(client: string): Promise<void> {
  expect(await project.run('send', '--flush')).toMatchObject({ code: 0, stderr: '' })
  const rows = await project.rows(`SELECT event, user_id FROM events_once WHERE event_id = '${client}'`)
  expect(rows).toEqual([{ event: 'Signed Up', user_id: client }])
}

describe('with AWS_ENDPOINT_URL alone, records arrive as events from', { timeout: 60_000 }, () => {
  it('the SDK for JavaScript with no options, which speaks HTTP/2', async () => {
    await put('sdk-http2', {})
    await arrives('sdk-http2')
  })

  it('the SDK over HTTP/1.1', async () => {
    // The handler that clients other than Kinesis have.
    const firehose = new FirehoseClient({})
    await put('sdk-http1', { requestHandler: firehose.config.requestHandler })
    firehose.destroy()
    await arrives('sdk-http1')
  })

  it.skipIf(!hasCli)('the AWS CLI', async () => {
    const file = project.file('event.json', eventOf('aws-cli'))
    const parameters = [
      '--stream-name',
      'weir-local-raw',
      '--partition-key',
      'a',
      '--data',
      `fileb://${file}`,
    ]
    const ended = await execute('aws', ['kinesis', 'put-record', ...parameters], process.env)
    expect(ended).toMatchObject({ code: 0, stderr: '' })
    expect(JSON.parse(ended.stdout).ShardId).toMatch(/^shardId-/)
    await arrives('aws-cli')
  })

  it.skipIf(!hasBoto3)('boto3', async () => {
    const program = `
import boto3, sys
answer = boto3.client('kinesis').put_records(StreamName='weir-local-raw', Records=[{'Data': sys.argv[1], 'PartitionKey': 'a'}])
print(answer['FailedRecordCount'])`
    const ended = await execute('python3', ['-c', program, eventOf('boto3')], process.env)
    expect(ended).toEqual({ code: 0, stdout: '0\n', stderr: '' })
    await arrives('boto3')
  })
})
