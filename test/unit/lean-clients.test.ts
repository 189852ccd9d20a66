import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { bundleOf } from '../support/lean-bundle.ts'

const clients = ['athena', 'dynamodb', 'firehose', 'kinesis', 's3', 'sqs', 'ssm'] as const
type Name = (typeof clients)[number]
type Exports = Readonly<Record<string, unknown>>
type ErrorClass = new (_: object) => Error & { readonly $fault: 'client' | 'server' }

/** Of each client an operation that needs no input. */
const operations: Readonly<Record<Name, readonly [client: string, command: string]>> = {
  athena: ['AthenaClient', 'ListWorkGroupsCommand'],
  dynamodb: ['DynamoDBClient', 'ListTablesCommand'],
  firehose: ['FirehoseClient', 'ListDeliveryStreamsCommand'],
  kinesis: ['KinesisClient', 'ListStreamsCommand'],
  s3: ['S3Client', 'ListBucketsCommand'],
  sqs: ['SQSClient', 'ListQueuesCommand'],
  ssm: ['SSMClient', 'DescribeParametersCommand'],
}
const credentials = { accessKeyId: 'a', secretAccessKey: 'b' }
const fixed = { region: 'eu-west-1', credentials, maxAttempts: 1 }

type Request = {
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: Uint8Array | string
}
type Answer = {
  readonly statusCode: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** What is asked, and what is thrown, when AWS answers so. */
const askedOf = async (name: Name, sdk: Exports, answer: Answer) => {
  const [client, command] = operations[name].map((of) => sdk[of] as new (_: object) => never)
  if (client === undefined || command === undefined) throw new Error(`${name} has no such operation`)
  const asked: object[] = []
  const userAgents: (string | undefined)[] = []
  const requestHandler = {
    handle: async ({ method, path, headers, body }: Request) => {
      const { 'x-amz-target': target, 'x-amz-user-agent': userAgent } = headers
      asked.push({ method, path, target, body: String(Buffer.from(body ?? '')) })
      userAgents.push(userAgent)
      return { response: { ...answer, body: Buffer.from(answer.body) } }
    },
  }
  const sender: { send(_: object): Promise<unknown> } = new client({ ...fixed, requestHandler })
  const thrown = await sender.send(new command({})).then(
    () => undefined,
    (error) => error,
  )
  return { asked, userAgents, thrown }
}

const said = (error: Record<string, unknown>) => {
  const { name, message, $fault, $retryable, $metadata } = error
  return { name, message, $fault, $retryable, $metadata }
}

/** As AWS refuses with an error; SQS says its older name besides. */
const refusal = (name: Name, sdk: Exports, error: string): Answer => {
  const { $fault } = new (sdk[error] as ErrorClass)({})
  const [, , , traits] = sdk[`${error}$`] as [unknown, unknown, unknown, { awsQueryError?: [string] }]
  const older = name === 'sqs' ? traits.awsQueryError?.[0] : undefined
  return {
    statusCode: $fault === 'client' ? 400 : 500,
    headers: older === undefined ? {} : { 'x-amzn-query-error': `${older};Sender` },
    body:
      name === 's3'
        ? `<Error><Code>${error}</Code><Message>because</Message></Error>`
        : JSON.stringify({ __type: `com.amazonaws.${name}#${error}`, message: 'because' }),
  }
}

const errorsOf = (sdk: Exports): string[] =>
  Object.keys(sdk).filter(
    (name) => (sdk[name] as ErrorClass)?.prototype instanceof Error && !name.endsWith('ServiceException'),
  )

/** A schema, and those that it refers to by their names. */
const written = (schema: unknown): string =>
  JSON.stringify(schema, (_, value) => (typeof value === 'function' ? `of ${[value()].flat()[2]}` : value))

describe.each(clients)('the client of %s in a lean bundle', (name) => {
  let whole: Exports
  let lean: Exports
  beforeAll(async () => {
    whole = await import(`@aws-sdk/client-${name}`)
    lean = (await bundleOf<Exports>(`export * from '@aws-sdk/client-${name}'`)).exports
  })

  it('has every schema as it is', () => {
    const schemas = Object.keys(whole).filter((key) => key.endsWith('$'))
    expect(schemas.length).toBeGreaterThan(20)
    for (const schema of schemas) expect(written(lean[schema])).toBe(written(whole[schema]))
  })

  const nothing = { statusCode: 200, headers: {}, body: name === 's3' ? '<ListAllMyBucketsResult/>' : '{}' }

  it('asks as the whole one does', async () => {
    const { asked } = await askedOf(name, lean, nothing)
    expect(asked).toHaveLength(1)
    expect(asked).toEqual((await askedOf(name, whole, nothing)).asked)
  })

  it('says which version of the SDK it is', async () => {
    const { version } = JSON.parse(readFileSync(`node_modules/@aws-sdk/client-${name}/package.json`, 'utf8'))
    const { userAgents } = await askedOf(name, lean, nothing)
    expect(userAgents).toEqual([`aws-sdk-js/${version}`])
  })

  it('says of each error what the whole one says', async () => {
    const errors = errorsOf(whole)
    expect(errors.length).toBeGreaterThan(5)
    for (const error of errors) {
      const answer = refusal(name, whole, error)
      const { thrown } = await askedOf(name, lean, answer)
      expect(said(thrown)).toEqual(said((await askedOf(name, whole, answer)).thrown))
    }
  })

  it('says an error that nobody knows as the whole one does', async () => {
    const answer = refusal(name, whole, errorsOf(whole)[0] ?? '')
    const unknown = {
      ...answer,
      headers: {},
      body: answer.body.replace(/[#>]\w+/, (known) => `${known[0]}Newest`),
    }
    const { thrown } = await askedOf(name, lean, unknown)
    expect(thrown.name).toContain('Newest')
    expect(said(thrown)).toEqual(said((await askedOf(name, whole, unknown)).thrown))
  })

  it('knows the errors that shared/aws asks for by their class', async () => {
    for (const error of errorsAskedFor(name, whole)) {
      const { thrown } = await askedOf(name, lean, refusal(name, whole, error))
      expect(thrown).toBeInstanceOf(lean[error])
    }
  })
})

const folder = join(import.meta.dirname, '../../shared/aws')
const texts = readdirSync(folder).map((file) => readFileSync(join(folder, file), 'utf8'))

const errorsAskedFor = (client: string, sdk: Exports): string[] => {
  const imports = new RegExp(`^import \\{([^}]*)\\} from '@aws-sdk/client-${client}'$`, 'gm')
  const names = texts.flatMap((text) =>
    [...text.matchAll(imports)].flatMap(([, list = '']) => list.split(',')),
  )
  return errorsOf(sdk).filter((error) => names.some((name) => name.trim() === error))
}

describe('what is left out of a client', () => {
  it('is what no errors are asked for by', async () => {
    const found = await Promise.all(
      clients.map(async (name) => errorsAskedFor(name, await import(`@aws-sdk/client-${name}`))),
    )
    expect(new Set(found.flat())).toEqual(
      new Set(['ConditionalCheckFailedException', 'ParameterAlreadyExists']),
    )
  })

  it('is the schemas of operations that are not used, and the errors', async () => {
    const { text } = await bundleOf("export { S3Client, PutObjectCommand } from '@aws-sdk/client-s3'")
    expect(text).toContain('PutObjectRequest')
    expect(text).not.toContain('GetBucketLifecycle')
    expect(text).not.toContain('NoSuchUpload')
  })

  it('is the streams of events', async () => {
    const { inputs } = await bundleOf("export { KinesisClient } from '@aws-sdk/client-kinesis'")
    expect(inputs.filter((file) => /event-streams.(?!index)/.test(file))).toEqual([])
  })
})
