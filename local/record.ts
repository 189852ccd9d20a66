/**
 * An AWS endpoint that tells what is written to it, for `npm run invoke` on a machine where nothing runs. It has what
 * serverless.yml declares and nothing in it. Its first line on stdout is `{"endpoint": …}`, then comes one line a write.
 * It ends when its stdin does, and leaves nothing behind.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startEndpoint } from './aws/endpoint.ts'
import { build } from './stack/build.ts'
import { createResources, foldersOf } from './stack/resources.ts'

const projectDir = join(import.meta.dirname, '..')

/** The samples in events/ are signed with it; a real stage has a random one. */
const sampleControlKey = 'sample-control-key'

async function main(): Promise<void> {
  const { declaration } = await build({ projectDir, buildDir: join(projectDir, '.weir/build') })
  const dataDir = await mkdtemp(join(tmpdir(), 'weir-record-'))
  try {
    const endpoint = await startEndpoint({ port: 0, dataDir, buckets: foldersOf(declaration) })
    const seed = (name: string, value: string) =>
      endpoint.ssm.put({ name, type: 'SecureString', value, overwrite: true })
    seed('/weir/local/write-keys', 'local')
    seed('/weir/local/control-key', sampleControlKey)
    await createResources(endpoint, declaration)
    print({ endpoint: `http://127.0.0.1:${endpoint.port}` })
    endpoint.onCall(({ service, action, resource, status, payload }) => {
      if (payload === undefined) return
      print({ service, action, resource, ...(status >= 300 && { status }), payload })
    })
    process.stdin.resume()
    await new Promise((resolve) => process.stdin.once('end', resolve))
    await endpoint.close()
  } finally {
    await rm(dataDir, { recursive: true, force: true })
  }
}

function print(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value)}\n`)
}

await main()
