import type { Invocation } from './invocation.ts'

export interface HttpResponse {
  readonly status: number
  readonly headers: Readonly<Record<string, string | readonly string[]>>
  readonly body: Buffer
}

export function jsonResponse(status: number, message: string): HttpResponse {
  return {
    status,
    headers: { 'content-type': 'application/json' },
    body: Buffer.from(JSON.stringify({ message })),
  }
}

/** What an HTTP API answers for what a function returned, or that it failed. */
export function httpResponse(invocation: Invocation): HttpResponse {
  if (invocation.kind === 'failed') {
    return invocation.timedOut
      ? jsonResponse(503, 'Service Unavailable')
      : jsonResponse(500, 'Internal Server Error')
  }
  const returned: unknown = JSON.parse(invocation.payload)
  if (!isObject(returned) || !('statusCode' in returned)) return inferred(invocation.payload)
  const status = Number(returned.statusCode)
  if (!Number.isInteger(status) || status < 200 || status > 599) {
    return jsonResponse(500, 'Internal Server Error')
  }
  return { status, headers: headersOf(returned), body: bodyOf(returned) }
}

// An answer without a status code is the body itself: format 2.0 infers the rest.
function inferred(payload: string): HttpResponse {
  return { status: 200, headers: { 'content-type': 'application/json' }, body: Buffer.from(payload) }
}

function headersOf(returned: Record<string, unknown>): Record<string, string | string[]> {
  const headers: Record<string, string | string[]> = { 'content-type': 'text/plain; charset=utf-8' }
  if (isObject(returned.headers)) {
    for (const [name, value] of Object.entries(returned.headers)) headers[name.toLowerCase()] = String(value)
  }
  if (Array.isArray(returned.cookies)) headers['set-cookie'] = returned.cookies.map(String)
  return headers
}

function bodyOf(returned: Record<string, unknown>): Buffer {
  const { body, isBase64Encoded } = returned
  if (body === undefined || body === null) return Buffer.alloc(0)
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  return Buffer.from(text, isBase64Encoded === true ? 'base64' : 'utf8')
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
