import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Build } from '../../local/stack/build.ts'
import type { Declaration, FunctionDeclaration } from '../../local/stack/declaration.ts'

/** `copy` writes what it reads from the stream to a file; `echo` answers with its HTTP event; `boom` throws. */
const bundles: Readonly<Record<string, string>> = {
  copy: `const { appendFileSync } = require('node:fs')
    exports.handler = async (event) => {
      for (const { kinesis } of event.Records) appendFileSync(process.env.COPY, atob(kinesis.data) + '\\n')
      return { batchItemFailures: [] }
    }`,
  echo: 'exports.handler = async (event) => ({ event, endpoint: process.env.AWS_ENDPOINT_URL })',
  boom: 'exports.handler = async () => { throw new RangeError("boom") }',
}

const streamArn = 'arn:aws:kinesis:us-east-1:000000000000:stream/weir-local-raw'

/** A project folder with a page, and a package of tiny functions: nothing of the product's own code. */
export function stackFixture(): { projectDir: string; dataDir: string; copied: string; build: Build } {
  const projectDir = mkdtempSync(join(tmpdir(), 'weir-stack-'))
  const copied = join(projectDir, 'copied')
  mkdirSync(join(projectDir, 'local/page'), { recursive: true })
  writeFileSync(join(projectDir, 'local/page/index.html'), '<h1>page</h1>')
  writeFileSync(join(projectDir, 'secret.txt'), 'secret')
  writeFileSync(copied, '')
  for (const [name, bundle] of Object.entries(bundles)) {
    mkdirSync(join(projectDir, 'built', name), { recursive: true })
    writeFileSync(join(projectDir, 'built', name, 'handler.cjs'), bundle)
  }
  const build = { declaration: declare(copied), taskRoot: (zip: string) => join(projectDir, 'built', zip) }
  return { projectDir, dataDir: join(projectDir, '.weir'), copied, build }
}

function declare(copied: string): Declaration {
  return {
    streams: [{ name: 'weir-local-raw', shardCount: 2, retentionHours: 168 }],
    buckets: ['weir-local-lake'],
    tables: [],
    deliveries: [],
    glueDatabases: [],
    glueTables: [],
    workGroups: [],
    namedQueries: [],
    preparedStatements: [],
    queues: [],
    queueMappings: [],
    functions: Object.keys(bundles).map((name) => functionOf(name, copied)),
    mappings: [
      {
        id: 'CopyMapping',
        streamName: 'weir-local-raw',
        streamArn,
        functionName: 'weir-local-copy',
        batchSize: 100,
        windowMs: 0,
        startingPosition: 'TRIM_HORIZON',
        reportsBatchItemFailures: true,
        bisects: false,
        maxRetries: -1,
        maxRecordAgeMs: -1,
        onFailureBucket: undefined,
      },
    ],
    schedules: [
      {
        name: 'tick',
        arn: 'arn',
        expression: 'rate(1 minute)',
        functionName: 'weir-local-echo',
        input: undefined,
      },
    ],
    routes: [
      { routeKey: 'POST /v1/{type}', functionName: 'weir-local-echo' },
      { routeKey: 'GET /boom', functionName: 'weir-local-boom' },
    ],
    cors: {
      allowOrigins: ['*'],
      allowHeaders: ['content-type'],
      allowMethods: ['POST'],
      exposeHeaders: [],
      allowCredentials: false,
      maxAgeS: 60,
    },
  }
}

function functionOf(name: string, copied: string): FunctionDeclaration {
  return {
    name: `weir-local-${name}`,
    handler: 'handler.handler',
    zip: name,
    memoryMb: 128,
    timeoutMs: 3000,
    environment: { COPY: copied },
  }
}
