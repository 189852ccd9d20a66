import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Endpoint, startEndpoint } from '../../local/aws/endpoint.ts'

export const buckets = { 'weir-test-lake': 'lake', 'weir-test-state': 'state' }

/** An endpoint on a free port with a data folder of its own, and what an SDK client needs to reach it. */
export type EndpointFixture = {
  dataDir: string
  endpoint: Endpoint
  client: { endpoint: string; region: string; credentials: { accessKeyId: string; secretAccessKey: string } }
  /** Closes it and opens it again on the same data. */
  restart(): Promise<void>
  remove(): Promise<void>
}

export async function openFixture(principal = 'tester'): Promise<EndpointFixture> {
  const dataDir = mkdtempSync(join(tmpdir(), 'weir-endpoint-'))
  const credentials = { accessKeyId: principal, secretAccessKey: 'any' }
  const fixture: EndpointFixture = {
    dataDir,
    endpoint: await startEndpoint({ port: 0, dataDir, buckets }),
    client: { endpoint: '', region: 'eu-central-1', credentials },
    async restart() {
      const { port } = fixture.endpoint
      await fixture.endpoint.close()
      fixture.endpoint = await startEndpoint({ port, dataDir, buckets })
    },
    async remove() {
      await fixture.endpoint.close()
      rmSync(dataDir, { recursive: true })
    },
  }
  fixture.client.endpoint = `http://127.0.0.1:${fixture.endpoint.port}`
  return fixture
}
