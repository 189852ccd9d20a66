import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import type { Context } from 'aws-lambda'
import { vi } from 'vitest'
import type { Call } from '../../local/aws/call.ts'
import { type Endpoint, startEndpoint } from '../../local/aws/endpoint.ts'
import { build } from '../../local/stack/build.ts'
import { createResources, foldersOf } from '../../local/stack/resources.ts'
import { decodePack } from '../../shared/core/lane/pack.ts'
import type { FunctionName } from './role-actions.ts'

const projectDir = join(import.meta.dirname, '../..')

export type Write = { service: string; action: string; resource: string; payload?: unknown }
export type SampleRun = { writes: Write[]; result: unknown; calls: Call[] }

/** A fresh endpoint with what serverless.yml declares, and the function's real handler, imported anew to talk to it. */
export type SampleRunner = {
  endpoint: Endpoint
  run(event: unknown): Promise<SampleRun>
  close(): Promise<void>
}

/** @param more of the environment, over what is declared. */
export async function openSampleRunner(
  name: FunctionName,
  more: Readonly<Record<string, string>> = {},
): Promise<SampleRunner> {
  const { declaration } = await build({ projectDir, buildDir: join(projectDir, '.weir/build') })
  const dataDir = mkdtempSync(join(tmpdir(), 'weir-sample-'))
  const endpoint = await startEndpoint({ port: 0, dataDir, buckets: foldersOf(declaration) })
  const seed = (parameter: string, value: string) =>
    endpoint.ssm.put({ name: parameter, type: 'SecureString', value, overwrite: true })
  seed('/weir/local/write-keys', 'local')
  seed('/weir/local/control-key', 'sample-control-key')
  await createResources(endpoint, declaration)
  const declared = declaration.functions.find((one) => one.name === `weir-local-${name}`)
  if (!declared) throw new Error(`serverless.yml has no function ${name}`)
  const environment = {
    ...declared.environment,
    AWS_ENDPOINT_URL: `http://127.0.0.1:${endpoint.port}`,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: name,
    AWS_SECRET_ACCESS_KEY: 'local',
    POWERTOOLS_LOG_LEVEL: 'SILENT',
    POWERTOOLS_METRICS_DISABLED: 'true',
    ...more,
  }
  for (const [key, value] of Object.entries(environment)) vi.stubEnv(key, value)
  // Clients take the endpoint and the credentials when they are made, and they are made once a module.
  vi.resetModules()
  const { handler } = await import(`../../functions/${name}/handler.ts`)
  return {
    endpoint,
    async run(event) {
      const heard = listen(endpoint)
      const result: unknown = (await handler(event, context)) ?? null
      return { ...heard(), result }
    },
    async close() {
      await endpoint.close()
      vi.unstubAllEnvs()
      rmSync(dataDir, { recursive: true })
    },
  }
}

/** Records what is called; streams' entries decompressed. */
function listen(endpoint: Endpoint): () => { writes: Write[]; calls: Call[] } {
  const calls: Call[] = []
  const entries = new Map<string, unknown[]>()
  endpoint.faults.entry = ({ service, resource, data, partitionKey }) => {
    const to = `${service} ${resource}`
    const content = contentOf(data)
    entries.set(to, [
      ...(entries.get(to) ?? []),
      service === 'kinesis' ? { partitionKey, data: content } : content,
    ])
    return undefined
  }
  const stop = endpoint.onCall((call) => calls.push(call))
  return () => {
    stop()
    const writes = calls
      .filter(({ payload }) => payload !== undefined)
      .map(({ service, action, resource, payload }) => ({
        service,
        action,
        // A segment is named by its content, which is the lane's own affair.
        resource: resource.replace(/-[0-9a-f]+\.json\.zst$/, '-HASH.json.zst'),
        payload: entries.get(`${service} ${resource}`) ?? payload,
      }))
    // Writes that do not wait for each other come in any order.
    return { calls, writes: writes.toSorted((a, b) => orderOf(a).localeCompare(orderOf(b))) }
  }
}

const orderOf = ({ service, action, resource, payload }: Write): string =>
  `${service} ${action} ${resource} ${JSON.stringify(payload)}`

/** A pack as its value with its rows parsed, gzip and NDJSON as their lines, anything else as text. */
export function contentOf(data: Buffer): unknown {
  if (data.readUInt32LE(0) === 0xfd2fb528) {
    const pack = decodePack(data)
    if (pack.kind !== 'events') return pack
    return { ...pack, events: pack.events.map((event) => ({ ...event, row: JSON.parse(String(event.row)) })) }
  }
  const text = (data.readUInt16BE(0) === 0x1f8b ? gunzipSync(data) : data).toString('utf8')
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
}

const context: Context = {
  callbackWaitsForEmptyEventLoop: false,
  functionName: 'sample',
  functionVersion: '$LATEST',
  invokedFunctionArn: 'arn:aws:lambda:us-east-1:000000000000:function:sample',
  memoryLimitInMB: '256',
  awsRequestId: 'request',
  logGroupName: '',
  logStreamName: '',
  getRemainingTimeInMillis: () => 60_000,
  done: () => undefined,
  fail: () => undefined,
  succeed: () => undefined,
}
