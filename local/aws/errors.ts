import type { AwsResponse } from './http.ts'

/** An error as AWS answers it: `code` is the exception's name. */
export class AwsError extends Error {
  readonly code: string
  readonly status: number
  /** More members of the error document. */
  readonly detail: Record<string, unknown>

  constructor(
    code: string,
    message: string,
    more: { status?: number; detail?: Record<string, unknown> } = {},
  ) {
    super(message)
    this.name = code
    this.code = code
    this.status = more.status ?? 400
    this.detail = more.detail ?? {}
  }
}

/** In the words of the services' own validation. */
export function invalidMember(member: string, constraint: string): AwsError {
  return new AwsError(
    'ValidationException',
    `1 validation error detected: Value at '${member}' failed to satisfy constraint: ${constraint}`,
  )
}

export type Protocol = 'json' | 's3' | 'query'

export function errorResponse(error: AwsError, protocol: Protocol, requestId: string): AwsResponse {
  switch (protocol) {
    case 'json':
      return {
        status: error.status,
        headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amzn-errortype': error.code },
        body: JSON.stringify({ __type: error.code, message: error.message, ...error.detail }),
      }
    case 's3':
      return {
        status: error.status,
        headers: { 'content-type': 'application/xml' },
        body: `${xmlHead}<Error>${xmlOf({ Code: error.code, Message: error.message, ...error.detail, RequestId: requestId })}</Error>`,
      }
    case 'query':
      return {
        status: error.status,
        headers: { 'content-type': 'text/xml' },
        body: `<ErrorResponse><Error>${xmlOf({ Type: 'Sender', Code: error.code, Message: error.message })}</Error><RequestId>${requestId}</RequestId></ErrorResponse>`,
      }
  }
}

export const xmlHead = '<?xml version="1.0" encoding="UTF-8"?>\n'

/** Elements in order; an array repeats its element, an object nests, undefined is left out. */
export function xmlOf(value: unknown): string {
  if (value === undefined || value === null) return ''
  if (typeof value !== 'object') return escapeXml(String(value))
  let out = ''
  for (const [name, member] of Object.entries(value)) {
    for (const one of Array.isArray(member) ? member : [member]) {
      if (one !== undefined) out += `<${name}>${xmlOf(one)}</${name}>`
    }
  }
  return out
}

function escapeXml(text: string): string {
  return text.replace(/[<>&"\r]/g, (character) => `&#${character.charCodeAt(0)};`)
}
