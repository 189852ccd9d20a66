import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Readout } from '../../local/metering/readout.ts'
import { build } from '../../local/stack/build.ts'
import type { Declaration } from '../../local/stack/declaration.ts'
import { startStack } from '../../local/stack/stack.ts'
import { localEnvironment } from '../stage/stage.ts'

/** How the stage is to be deployed for a run. */
export type Deployment = {
  readonly lanes: number
  readonly publish: string
  /** Which functions read their streams. */
  readonly functions: readonly string[]
  /** The most records that enrich gets at a time. */
  readonly enrichRecords: number
  readonly startMs: number
  /** 0 takes a free one; the AWS clients of a process keep the one they had first. */
  readonly awsPort: number
}

/** The local stack on free ports in a folder of its own, whose streams keep the time that the caller says. */
export type MeteredStack = {
  readonly awsPort: number
  readonly declaration: Declaration
  readonly controlKey: string
  nowMs: number
  /** Lets a function do all that lies before it. */
  drain(functionName: string): Promise<void>
  invoke(functionName: string): Promise<void>
  readout(): Readout
  /** Brings what Firehose holds to the lake. */
  deliver(): Promise<void>
  scan(table: string): Promise<unknown[]>
  /** Of all objects of the lake whose keys begin so. */
  bytesBelow(prefix: string): Promise<number>
  stop(): Promise<void>
}

const lakeBucket = 'weir-local-lake'
const projectDir = join(import.meta.dirname, '../..')

/** All mappings wait until they are told to drain. The AWS clients of this process are pointed at it. */
export async function startMeteredStack(deployment: Deployment): Promise<MeteredStack> {
  const packaged = await build({ projectDir, buildDir: join(projectDir, '.weir/build') })
  const declaration = deployed(packaged.declaration, deployment)
  const folder = mkdtempSync(join(tmpdir(), 'weir-cost-'))
  const clock = { nowMs: deployment.startMs, isStopping: false }
  const stack = await startStack({
    projectDir,
    dataDir: join(folder, 'data'),
    port: 0,
    awsPort: deployment.awsPort,
    build: { ...packaged, declaration },
    schedules: false,
    now: () => clock.nowMs,
    report: (line) => {
      // What is still loading when the stack stops has not failed.
      if (!clock.isStopping) process.stderr.write(`${line}\n`)
    },
  })
  stack.pause()
  let failed: string | undefined
  stack.onInvoked(({ functionName, invocation }) => {
    if (invocation.kind === 'failed') failed = `${functionName}: ${invocation.errorMessage}`
  })
  Object.assign(process.env, localEnvironment({ AWS_ENDPOINT_URL: stack.awsUrl }))
  return Object.assign(clock, {
    declaration,
    awsPort: stack.endpoint.port,
    controlKey: stack.endpoint.ssm.get('/weir/local/control-key')?.value ?? '',
    async drain(functionName: string) {
      stack.resume(functionName)
      while (!stack.isCaughtUp(functionName)) {
        // It would be tried again for ever, and each time be metered.
        if (failed !== undefined) throw new Error(failed)
        await sleep(2)
      }
      stack.pause(functionName)
    },
    async invoke(functionName: string) {
      const invocation = await stack.invoke(functionName, {})
      if (invocation.kind === 'failed') throw new Error(`${functionName} failed: ${invocation.errorMessage}`)
    },
    readout: () => stack.endpoint.meter.readout(),
    deliver: () => stack.endpoint.firehose.flush(),
    async scan(table: string) {
      const items: unknown[] = []
      let start: unknown
      do {
        const call = JSON.stringify({ TableName: table, ...(start ? { ExclusiveStartKey: start } : {}) })
        const { body } = await stack.endpoint.dynamodb.call('Scan', Buffer.from(call))
        const page = JSON.parse(String(body))
        items.push(...page.Items)
        start = page.LastEvaluatedKey
      } while (start)
      return items
    },
    async bytesBelow(prefix: string) {
      const { s3 } = stack.endpoint
      let bytes = 0
      for await (const key of s3.keys({ bucket: lakeBucket, prefix, after: '' })) {
        bytes += (await s3.head(lakeBucket, key))?.sizeBytes ?? 0
      }
      return bytes
    },
    async stop() {
      clock.isStopping = true
      stack.resume()
      await stack.stop()
      rmSync(folder, { recursive: true, force: true })
    },
  })
}

/** What the clock starts is invoked beside what reads the streams; whatever else is declared need not be loaded. */
export const startedByClock = ['weir-local-tick', 'weir-local-schedule']

/** One shard a stream; no batching window, for the caller opens and shuts it; Firehose delivers when it is told to. */
function deployed(declaration: Declaration, deployment: Deployment): Declaration {
  const { functions, enrichRecords } = deployment
  const environment = { LANES: String(deployment.lanes), PUBLISH: deployment.publish }
  return {
    ...declaration,
    streams: declaration.streams.map((stream) => ({ ...stream, shardCount: 1 })),
    functions: declaration.functions
      .filter(({ name }) => functions.includes(name) || startedByClock.includes(name))
      .map((one) => ({ ...one, environment: { ...one.environment, ...environment } })),
    routes: [],
    mappings: declaration.mappings
      .filter(({ functionName }) => functions.includes(functionName))
      .map((mapping) => ({
        ...mapping,
        windowMs: 0,
        ...(mapping.functionName.endsWith('-enrich') && { batchSize: enrichRecords }),
      })),
    deliveries: declaration.deliveries.map((delivery) => {
      const slow = structuredClone(delivery)
      Object.assign(objectIn(objectIn(slow, 'ExtendedS3DestinationConfiguration'), 'BufferingHints'), {
        IntervalInSeconds: 3600,
      })
      return slow
    }),
  }
}

function objectIn(value: object, name: string): object {
  const member: unknown = Reflect.get(value, name)
  if (typeof member === 'object' && member !== null) return member
  throw new Error(`a delivery stream is declared without ${name}`)
}
