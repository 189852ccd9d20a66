import type { IncomingHttpHeaders } from 'node:http'
import type { CorsDeclaration } from './declaration.ts'

/** The headers an HTTP API adds for a cross-origin request; none when its origin is not allowed. */
export function corsHeaders(
  cors: CorsDeclaration | undefined,
  headers: IncomingHttpHeaders,
): Record<string, string> {
  const origin = headers.origin
  if (!cors || origin === undefined) return {}
  const any = cors.allowOrigins.includes('*')
  if (!any && !cors.allowOrigins.includes(origin)) return {}
  return {
    'access-control-allow-origin': any ? '*' : origin,
    ...(cors.allowCredentials && { 'access-control-allow-credentials': 'true' }),
    ...(cors.exposeHeaders.length > 0 && { 'access-control-expose-headers': cors.exposeHeaders.join(',') }),
  }
}

/** What a preflight is told besides. */
export function preflightHeaders(cors: CorsDeclaration): Record<string, string> {
  return {
    'access-control-allow-methods': cors.allowMethods.join(','),
    'access-control-allow-headers': cors.allowHeaders.join(','),
    ...(cors.maxAgeS !== undefined && { 'access-control-max-age': String(cors.maxAgeS) }),
  }
}

export function isPreflight(method: string, headers: IncomingHttpHeaders): boolean {
  return method === 'OPTIONS' && headers['access-control-request-method'] !== undefined
}
