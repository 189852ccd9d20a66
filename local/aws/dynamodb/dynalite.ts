import { EventEmitter, once } from 'node:events'
import { mkdirSync } from 'node:fs'
import type { Server } from 'node:http'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { AwsResponse } from '../http.ts'

export type Dynalite = {
  /** One DynamoDB call, as JSON text both ways. */
  send(action: string, body: string | Buffer): Promise<AwsResponse & { body: Buffer }>
  close(): Promise<void>
}

/**
 * dynalite, its LevelDB below the data folder. It comes as an HTTP server; calls are handed to it without a socket,
 * which would take as much time as the call itself.
 */
export async function openDynalite(dataDir: string): Promise<Dynalite> {
  const path = join(dataDir, 'dynamodb')
  mkdirSync(path, { recursive: true })
  // CommonJS without types, and only wanted once a stack starts.
  const dynalite: (options: object) => Server = createRequire(import.meta.url)('dynalite')
  const server = dynalite({ path, createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 })
  // Nobody connects; but only a server that listened closes its database.
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    send: (action, body) =>
      new Promise((resolve) => {
        const request = new CallRequest(action)
        server.emit('request', request, new CallResponse(resolve))
        request.emit('data', Buffer.from(body))
        request.emit('end')
      }),
    close: () =>
      new Promise((resolve, reject) => server.close((error) => (error ? reject(error) : resolve()))),
  }
}

/** As much of an http.IncomingMessage as dynalite looks at. */
class CallRequest extends EventEmitter {
  readonly method = 'POST'
  readonly url = '/'
  readonly headers: Readonly<Record<string, string>>

  constructor(action: string) {
    super()
    this.headers = {
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': `DynamoDB_20120810.${action}`,
      'x-amz-date': '20260101T000000Z',
      authorization:
        'AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0',
    }
  }
}

/** As much of an http.ServerResponse as dynalite writes to. */
class CallResponse {
  statusCode = 200
  readonly #headers: Record<string, string> = { 'content-type': 'application/x-amz-json-1.0' }
  readonly #done: (response: AwsResponse & { body: Buffer }) => void

  constructor(done: (response: AwsResponse & { body: Buffer }) => void) {
    this.#done = done
  }

  setHeader(name: string, value: string | number): void {
    if (name.toLowerCase() === 'x-amz-crc32') this.#headers['x-amz-crc32'] = String(value)
  }

  end(body = ''): void {
    this.#done({ status: this.statusCode, headers: this.#headers, body: Buffer.from(body) })
  }
}
