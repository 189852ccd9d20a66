import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { corsHeaders, isPreflight, preflightHeaders } from './cors.ts'
import type { CorsDeclaration, RouteDeclaration } from './declaration.ts'
import { type HttpRequest, httpEvent } from './http-event.ts'
import { type HttpResponse, httpResponse, jsonResponse } from './http-response.ts'
import type { Invocation } from './invocation.ts'
import { routeMatcher } from './routes.ts'

export interface Site {
  readonly routes: readonly RouteDeclaration[]
  readonly cors: CorsDeclaration | undefined
  invoke(functionName: string, payload: string): Promise<Invocation>
  /** Answers a path that is no route. */
  files(path: string): Promise<HttpResponse>
}

/** Lambda takes 6 MB of payload, less than the HTTP API's own 10 MB. */
const maxBodyBytes = 6 * 1024 * 1024

/** The web address: an HTTP API in front of the functions, and the page. Answers 503 until it is opened. */
export class HttpGateway {
  readonly #server: Server
  #answer: (request: HttpRequest) => Promise<HttpResponse> = async () => jsonResponse(503, 'Not ready yet')

  private constructor() {
    this.#server = createServer((request, response) => void this.#serve(request, response))
  }

  /** Rejects with EADDRINUSE when the port is taken. */
  static async listen(port: number): Promise<HttpGateway> {
    const gateway = new HttpGateway()
    gateway.#server.listen(port, '127.0.0.1')
    await once(gateway.#server, 'listening')
    return gateway
  }

  get port(): number {
    const address = this.#server.address()
    if (address === null || typeof address === 'string') throw new Error('the web address is closed')
    return address.port
  }

  open(site: Site): void {
    this.#answer = answerFrom(site)
  }

  /** Finishes the requests in flight. */
  async close(): Promise<void> {
    if (!this.#server.listening) return
    const closed = once(this.#server, 'close')
    this.#server.close()
    this.#server.closeIdleConnections()
    await closed
  }

  async #serve(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const response = await this.#respond(incoming).catch(() => jsonResponse(500, 'Internal Server Error'))
    if (outgoing.destroyed) return
    outgoing.writeHead(response.status, {
      ...response.headers,
      ...(!this.#server.listening && { connection: 'close' }),
      'content-length': response.body.length,
    })
    outgoing.end(incoming.method === 'HEAD' ? undefined : response.body)
  }

  async #respond(incoming: IncomingMessage): Promise<HttpResponse> {
    const body = await readBody(incoming)
    if (!body) return jsonResponse(413, 'Request Entity Too Large')
    return this.#answer({
      method: incoming.method ?? 'GET',
      url: incoming.url ?? '/',
      headers: incoming.headers,
      sourceIp: incoming.socket.remoteAddress ?? '127.0.0.1',
      body,
      receivedMs: Date.now(),
    })
  }
}

function answerFrom(site: Site): (request: HttpRequest) => Promise<HttpResponse> {
  const match = routeMatcher(site.routes)
  return async (request) => {
    const { method, headers } = request
    const path = request.url.split('?')[0] ?? '/'
    const matched = match(method, path)
    if (!matched && site.cors && isPreflight(method, headers)) {
      const allowed = { ...corsHeaders(site.cors, headers), ...preflightHeaders(site.cors) }
      return { status: 204, headers: allowed, body: Buffer.alloc(0) }
    }
    if (!matched) return method === 'GET' || method === 'HEAD' ? site.files(path) : notFound
    const payload = JSON.stringify(httpEvent(request, matched))
    const response = httpResponse(await site.invoke(matched.route.functionName, payload))
    return { ...response, headers: { ...response.headers, ...corsHeaders(site.cors, headers) } }
  }
}

const notFound = jsonResponse(404, 'Not Found')

/** Undefined when it is too large; then it is read to its end unkept, so that the client gets to read the answer. */
async function readBody(incoming: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of incoming) {
    bytes += chunk.length
    if (bytes <= maxBodyBytes) chunks.push(chunk)
  }
  return bytes > maxBodyBytes ? undefined : Buffer.concat(chunks)
}
