import { createServer as createHttp1, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createHttp2, type Http2ServerRequest, type Http2ServerResponse } from 'node:http2'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { BodyRooms } from './body-rooms.ts'
import type { AwsRequest, AwsResponse } from './http.ts'

type Handler = (request: AwsRequest) => Promise<AwsResponse>

export type Server = {
  port: number
  /** Requests that came earlier wait for this. */
  answerWith(handler: Handler): void
  /** Stops listening, lets what was begun be answered, then hangs up. */
  close(): Promise<void>
}

const http2WindowBytes = 16 * 1024 * 1024
/** More than a call of any service but S3; what a client announces and does not send is no reason to hold more. */
const maxPlacedBytes = 16 * 1024 * 1024
const rooms = new BodyRooms()

/** HTTP/1.1 and cleartext HTTP/2 on one port of the loopback address: the first bytes of a connection tell which. */
export async function listen(port: number): Promise<Server> {
  const ready = Promise.withResolvers<Handler>()
  const open = new Set<Socket>()
  const begun = new Set<Promise<void>>()

  const onRequest = (
    incoming: IncomingMessage | Http2ServerRequest,
    out: ServerResponse | Http2ServerResponse,
  ) => {
    const answered = answer(incoming, out, ready.promise).catch(() => void out.destroy())
    begun.add(answered)
    answered.finally(() => begun.delete(answered))
  }
  const http1 = createHttp1({ keepAliveTimeout: 0, requestTimeout: 0 }, onRequest)
  // Without wider windows a 5 MiB request crosses in 64 KiB steps.
  const http2 = createHttp2({ settings: { initialWindowSize: http2WindowBytes } }, onRequest)
  http2.on('session', (session) => session.setLocalWindowSize(http2WindowBytes))
  http2.on('sessionError', () => {})

  const server = createServer({ noDelay: true }, (socket) => {
    open.add(socket)
    socket.on('close', () => open.delete(socket))
    socket.on('error', () => socket.destroy())
    sniff(socket, (isHttp2) => (isHttp2 ? http2 : http1).emit('connection', socket))
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', resolve)
  })

  return {
    port: (server.address() as AddressInfo).port,
    answerWith: ready.resolve,
    async close() {
      const closed = new Promise((resolve) => server.close(resolve))
      await Promise.all(begun)
      for (const socket of open) socket.destroy()
      await closed
    },
  }
}

/** No HTTP/1.1 method but the preface of HTTP/2 begins with PRI. */
function sniff(socket: Socket, decide: (isHttp2: boolean) => void): void {
  const start: Buffer | null = socket.read()
  if (start === null) {
    socket.once('readable', () => sniff(socket, decide))
    return
  }
  socket.unshift(start)
  if (start.length < 3 && 'PRI'.startsWith(start.toString('latin1'))) {
    socket.once('readable', () => sniff(socket, decide))
    return
  }
  decide(start.subarray(0, 3).toString('latin1') === 'PRI')
}

async function answer(
  incoming: IncomingMessage | Http2ServerRequest,
  out: ServerResponse | Http2ServerResponse,
  handler: Promise<Handler>,
): Promise<void> {
  const announcedBytes = Number(incoming.headers['content-length'] ?? 0) || 0
  const room = rooms.lend(Math.min(announcedBytes, maxPlacedBytes))
  let response: AwsResponse
  try {
    const target = new URL(incoming.url ?? '/', 'http://endpoint')
    const body = await bodyOf(incoming, room)
    response = await (await handler)({
      method: incoming.method ?? 'GET',
      path: (incoming.url ?? '/').split('?', 1)[0] ?? '/',
      query: target.searchParams,
      headers: incoming.headers,
      host: incoming.headers[':authority']?.toString() ?? incoming.headers.host ?? '',
      body,
    })
  } finally {
    rooms.giveBack(room)
  }
  out.statusCode = response.status
  for (const [name, value] of Object.entries(response.headers ?? {})) out.setHeader(name, value)
  await finish(out, response.body)
}

/** Of a length that was announced, straight to its place: a call of 5 MB is never there twice. */
async function bodyOf(incoming: IncomingMessage | Http2ServerRequest, room: Buffer): Promise<Buffer> {
  const more: Buffer[] = []
  let placedBytes = 0
  for await (const chunk of incoming) {
    if (more.length > 0 || placedBytes + chunk.length > room.length) more.push(chunk)
    else placedBytes += chunk.copy(room, placedBytes)
  }
  const placed = room.subarray(0, placedBytes)
  return more.length === 0 ? placed : Buffer.concat([placed, ...more])
}

async function finish(out: ServerResponse | Http2ServerResponse, body: AwsResponse['body']): Promise<void> {
  if (body instanceof Readable) {
    await pipeline(body, out)
    return
  }
  // The client went away while its call was done: nothing would tell us that the answer is through.
  if (isHungUp(out)) return
  const sent = new Promise<void>((resolve, reject) => {
    out.once('finish', resolve)
    out.once('close', resolve)
    out.once('error', reject)
  })
  if (body === undefined) {
    out.end()
  } else {
    if (!out.hasHeader('content-length')) out.setHeader('content-length', Buffer.byteLength(body))
    out.end(body)
  }
  await sent
}

const isHungUp = (out: ServerResponse | Http2ServerResponse): boolean =>
  'stream' in out ? out.stream === undefined || out.stream.destroyed : out.destroyed
