import type { IncomingHttpHeaders } from 'node:http'
import type { Readable } from 'node:stream'

/** A whole request, however it came in (HTTP/1.1 or HTTP/2). */
export type AwsRequest = {
  method: string
  /** As sent, still percent-encoded. */
  path: string
  query: URLSearchParams
  headers: IncomingHttpHeaders
  host: string
  /** To be looked at until the call is answered, and not to be kept. */
  body: Buffer
}

export type AwsResponse = {
  status: number
  headers?: Record<string, string>
  /** A Readable must come with its content-length. */
  body?: Buffer | string | Readable
}

export function header(request: AwsRequest, name: string): string | undefined {
  const value = request.headers[name]
  return Array.isArray(value) ? value.join(',') : value
}

/** Access key id and service of the SigV4 credential scope, from the header or a presigned URL. */
export function credentialOf(request: AwsRequest): { principal: string; service: string | undefined } {
  const authorization = header(request, 'authorization') ?? ''
  const credential =
    /Credential=([^,\s]+)/.exec(authorization)?.[1] ?? request.query.get('X-Amz-Credential') ?? 'anonymous'
  const parts = credential.split('/')
  // An access key id may itself hold a slash; the scope is always the last four parts.
  const scope = parts.slice(-4)
  return parts.length < 5
    ? { principal: credential, service: undefined }
    : { principal: parts.slice(0, -4).join('/'), service: scope[2] }
}
