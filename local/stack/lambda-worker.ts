/**
 * The inside of a container: runs in a worker thread, loads the bundle once and runs one invocation at a time,
 * as Lambda's Node.js runtime does.
 */
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'
import { parentPort, workerData } from 'node:worker_threads'
import { eventOfBatch } from './batch-event.ts'
import type { Payload, WorkerBirth, WorkerReply, WorkerRequest } from './invocation.ts'

type Handler = (event: unknown, context: object) => unknown

const birth: WorkerBirth = workerData
const port = parentPort
if (!port) throw new Error('lambda-worker.ts runs as a worker thread only')
const reply = (message: WorkerReply) => port.postMessage(message)

try {
  const handler = await load()
  port.on('message', (request: WorkerRequest) => void run(handler, request))
  reply({ kind: 'ready' })
} catch (error) {
  reply(threw(error))
}

async function load(): Promise<Handler> {
  const loaded: Record<string, unknown> = birth.file.endsWith('.mjs')
    ? await import(pathToFileURL(birth.file).href)
    : createRequire(birth.file)(birth.file)
  const handler = loaded[birth.exportName]
  if (!isHandler(handler)) throw new Error(`${birth.file} does not export a function "${birth.exportName}"`)
  return handler
}

function isHandler(value: unknown): value is Handler {
  return typeof value === 'function'
}

async function run(handler: Handler, request: WorkerRequest): Promise<void> {
  const startedMs = performance.now()
  const startedCpu = process.threadCpuUsage()
  const usage = () => {
    const { user, system } = process.threadCpuUsage(startedCpu)
    return { durationMs: performance.now() - startedMs, cpuMs: (user + system) / 1000 }
  }
  const deadlineMs = startedMs + birth.timeoutMs
  const context = {
    awsRequestId: request.requestId,
    functionName: birth.functionName,
    functionVersion: '$LATEST',
    invokedFunctionArn: birth.functionArn,
    memoryLimitInMB: String(birth.memoryMb),
    logGroupName: `/aws/lambda/${birth.functionName}`,
    logStreamName: 'local',
    callbackWaitsForEmptyEventLoop: true,
    getRemainingTimeInMillis: () => Math.max(0, Math.floor(deadlineMs - performance.now())),
  }
  try {
    const result = await handler(eventOf(request.payload), context)
    reply({ kind: 'returned', payload: JSON.stringify(result) ?? 'null', usage: usage() })
  } catch (error) {
    reply({ ...threw(error), usage: usage() })
  }
}

function eventOf(payload: Payload): unknown {
  return typeof payload === 'string' ? JSON.parse(payload) : eventOfBatch(payload)
}

function threw(error: unknown): Extract<WorkerReply, { kind: 'threw' }> {
  if (!(error instanceof Error)) {
    return { kind: 'threw', errorType: typeof error, errorMessage: String(error), stack: '' }
  }
  return { kind: 'threw', errorType: error.name, errorMessage: error.message, stack: error.stack ?? '' }
}
