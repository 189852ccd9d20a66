import { mkdirSync } from 'node:fs'
import { Agent, request as httpRequest, type Server } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { AwsResponse } from '../http.ts'

export type Dynalite = {
  /** One DynamoDB call, as JSON text both ways. */
  send(action: string, body: string | Buffer): Promise<AwsResponse & { body: Buffer }>
  close(): Promise<void>
}

/** dynalite on a loopback port of its own, its LevelDB below the data folder. */
export async function openDynalite(dataDir: string): Promise<Dynalite> {
  const path = join(dataDir, 'dynamodb')
  mkdirSync(path, { recursive: true })
  // CommonJS without types, and only wanted once a stack starts.
  const dynalite: (options: object) => Server = createRequire(import.meta.url)('dynalite')
  const server = dynalite({ path, createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 })
  // It would close a socket just as the agent below uses it again.
  server.keepAliveTimeout = 0
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  const { port } = server.address() as AddressInfo
  const agent = new Agent({ keepAlive: true, maxSockets: 64 })
  return {
    send: (action, body) => send({ port, agent, action, body }),
    async close() {
      agent.destroy()
      server.closeAllConnections()
      await new Promise<void>((resolve, reject) =>
        server.close((error) => (error ? reject(error) : resolve())),
      )
    },
  }
}

function send(o: { port: number; agent: Agent; action: string; body: string | Buffer }) {
  return new Promise<AwsResponse & { body: Buffer }>((resolve, reject) => {
    const headers = {
      'content-type': 'application/x-amz-json-1.0',
      'content-length': Buffer.byteLength(o.body),
      'x-amz-target': `DynamoDB_20120810.${o.action}`,
      'x-amz-date': '20260101T000000Z',
      authorization:
        'AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0',
    }
    const outgoing = httpRequest({ host: '127.0.0.1', port: o.port, method: 'POST', agent: o.agent, headers })
    outgoing.once('error', reject)
    outgoing.once('response', (incoming) => {
      const chunks: Buffer[] = []
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
      incoming.once('error', reject)
      incoming.once('end', () => {
        const crc = incoming.headers['x-amz-crc32']
        resolve({
          status: incoming.statusCode ?? 500,
          headers: {
            'content-type': 'application/x-amz-json-1.0',
            ...(typeof crc === 'string' && { 'x-amz-crc32': crc }),
          },
          body: Buffer.concat(chunks),
        })
      })
    })
    outgoing.end(o.body)
  })
}
