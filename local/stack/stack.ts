import { mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { type Endpoint, startEndpoint } from '../aws/endpoint.ts'
import { meteredInvocations } from '../metering/metered-invocations.ts'
import { type Build, build } from './build.ts'
import { forgetData } from './data-folder.ts'
import type { Declaration } from './declaration.ts'
import { EventSourceMapping } from './event-source-mapping.ts'
import { HttpGateway } from './http-gateway.ts'
import type { Invocation } from './invocation.ts'
import { type Invoked, Lambdas } from './lambdas.ts'
import { lockFolder } from './lock-file.ts'
import type { Mapping } from './mapping.ts'
import { checkPort, portError } from './port.ts'
import { QueueMapping } from './queue-mapping.ts'
import { createResources, foldersOf } from './resources.ts'
import { type Scheduler, startSchedules } from './schedule.ts'
import { seedParameters } from './secrets.ts'
import { staticFiles } from './static-files.ts'
import { stopStack } from './stop.ts'

export interface StackOptions {
  /** Where serverless.yml is. */
  readonly projectDir: string
  readonly dataDir: string
  /** 0 takes a free one. */
  readonly port: number
  readonly awsPort: number
  /** Forget the data of earlier runs first. */
  readonly fresh?: boolean
  /** Where packages are kept; `build` below the data folder unless given. */
  readonly buildDir?: string
  /** A package made already. */
  readonly build?: Build
  /** The time at which records arrive in the streams; the clock's unless given. */
  readonly now?: () => number
  /** Nothing is invoked by schedule when false. */
  readonly schedules?: boolean
  /** Hears, in one line each, of what the person at the terminal should know. */
  report?(line: string): void
}

/** A running stack. */
export interface Stack {
  /** The web address: collector, query API and page. */
  readonly url: string
  /** For AWS_ENDPOINT_URL. */
  readonly awsUrl: string
  readonly dataDir: string
  readonly endpoint: Endpoint
  readonly declaration: Declaration
  /** Invokes a function by its full name, as the console's test button does. */
  invoke(functionName: string, event: unknown): Promise<Invocation>
  /** Hears of every invocation once it has ended; returns how to stop listening. */
  onInvoked(listener: (invoked: Invoked) => void): () => void
  /** Holds back the next batches of a function's mappings, or of all. */
  pause(functionName?: string): void
  resume(functionName?: string): void
  /** No mapping of the function, or of any, has a record left to do. */
  isCaughtUp(functionName?: string): boolean
  /** Finishes what was begun, delivers what Firehose holds, lets the data folder go. */
  stop(): Promise<void>
}

/**
 * Starts what serverless.yml declares. Resolves when it is ready: every mapping polls, and the web address answers.
 * Rejects with a StartError for what the person can mend.
 */
export async function startStack(options: StackOptions): Promise<Stack> {
  const dataDir = resolve(options.dataDir)
  const unlock = lockFolder(dataDir)
  const undo: (() => unknown)[] = [unlock]
  try {
    const gateway = await HttpGateway.listen(options.port).catch((error: unknown) => {
      throw portError(error, options.port, 'port')
    })
    undo.push(() => gateway.close())
    await checkPort(options.awsPort, 'aws-port')
    if (options.fresh) forgetData(dataDir)
    const built = options.build ?? (await buildProject(options, dataDir))
    const endpoint = await openEndpoint(options, { dataDir, declaration: built.declaration })
    undo.push(() => endpoint.close())
    return await run({ options, dataDir, build: built, endpoint, gateway, unlock })
  } catch (error) {
    for (const step of undo.reverse()) await step()
    throw error
  }
}

function buildProject(options: StackOptions, dataDir: string): Promise<Build> {
  return build({ projectDir: options.projectDir, buildDir: options.buildDir ?? join(dataDir, 'build') })
}

async function openEndpoint(
  { awsPort, now }: StackOptions,
  { dataDir, declaration }: { dataDir: string; declaration: Declaration },
): Promise<Endpoint> {
  const buckets = foldersOf(declaration)
  const endpoint = await startEndpoint({ port: awsPort, dataDir, buckets, now }).catch((error: unknown) => {
    throw portError(error, awsPort, 'aws-port')
  })
  await createResources(endpoint, declaration)
  seedParameters(endpoint.ssm)
  return endpoint
}

interface Parts {
  readonly options: StackOptions
  readonly dataDir: string
  readonly build: Build
  readonly endpoint: Endpoint
  readonly gateway: HttpGateway
  unlock(): void
}

async function run({ options, dataDir, build, endpoint, gateway, unlock }: Parts): Promise<Stack> {
  const { declaration } = build
  const report = options.report ?? (() => {})
  const awsUrl = `http://127.0.0.1:${endpoint.port}`
  const lambdas = new Lambdas({
    build,
    endpointUrl: awsUrl,
    logsDir: join(dataDir, 'logs'),
    report,
    onLog: (name, text) => endpoint.meter.logged(name, text),
  })
  lambdas.onInvoked(meteredInvocations(endpoint.meter, declaration.functions))
  const parts = { dataDir, declaration, endpoint, lambdas, report }
  const mappings: Mapping[] = [...startMappings(parts), ...startQueueMappings(parts)]
  const invoke = (name: string, payload: string) => lambdas.invoke(name, payload)
  const wanted = options.schedules === false ? [] : declaration.schedules
  const scheduler: Scheduler = startSchedules(wanted, invoke)
  gateway.open({ ...declaration, invoke, files: staticFiles(mounts(options.projectDir)) })
  void lambdas.warm()
  const ofFunction = (name?: string) =>
    mappings.filter(({ declaration: { functionName } }) => name === undefined || functionName === name)
  let stopped: Promise<void> | undefined
  return {
    url: `http://127.0.0.1:${gateway.port}`,
    awsUrl,
    dataDir,
    endpoint,
    declaration,
    invoke: (name, event) => lambdas.invoke(name, JSON.stringify(event)),
    onInvoked: (listener) => lambdas.onInvoked(listener),
    pause: (name) => {
      for (const mapping of ofFunction(name)) mapping.pause()
    },
    resume: (name) => {
      for (const mapping of ofFunction(name)) mapping.resume()
    },
    isCaughtUp: (name) => ofFunction(name).every((mapping) => mapping.isCaughtUp),
    stop: () => {
      stopped ??= stopStack({ gateway, scheduler, mappings, lambdas, endpoint, unlock })
      return stopped
    },
  }
}

interface MappingParts {
  readonly dataDir: string
  readonly declaration: Declaration
  readonly endpoint: Endpoint
  readonly lambdas: Lambdas
  report(line: string): void
}

function startMappings({ dataDir, declaration, endpoint, lambdas, report }: MappingParts) {
  const folder = join(dataDir, 'mappings')
  mkdirSync(folder, { recursive: true })
  return declaration.mappings.map((mapped) => {
    const mapping = new EventSourceMapping({
      declaration: mapped,
      kinesis: endpoint.kinesis,
      checkpointFile: join(folder, `${mapped.id}.json`),
      invoke: (payload) => lambdas.invoke(mapped.functionName, payload),
      putObject: async ({ bucket, key, body }) => {
        await endpoint.s3.putObject(bucket, key, Buffer.from(body))
      },
      onDiscard: ({ batch: { sequenceNumbers, shardId } }) =>
        report(`${mapped.functionName} gave up ${sequenceNumbers.length} records of ${shardId}`),
    })
    mapping.start((error) => report(`the mapping of ${mapped.functionName} broke: ${String(error)}`))
    return mapping
  })
}

function startQueueMappings({ declaration, endpoint, lambdas, report }: MappingParts) {
  return declaration.queueMappings.map((mapped) => {
    const mapping = new QueueMapping({
      declaration: mapped,
      queue: endpoint.sqs.queue(mapped.queueName),
      invoke: (payload) => lambdas.invoke(mapped.functionName, payload),
    })
    mapping.start((error) => report(`the mapping of ${mapped.functionName} broke: ${String(error)}`))
    return mapping
  })
}

function mounts(projectDir: string) {
  return [
    { path: '/', folder: join(projectDir, 'local/page') },
    { path: '/vendor/', folder: join(projectDir, 'node_modules/uplot/dist') },
  ]
}
