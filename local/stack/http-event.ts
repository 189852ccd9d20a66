import { isUtf8 } from 'node:buffer'
import { randomUUID } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import { localAccount } from './arns.ts'
import type { MatchedRoute } from './routes.ts'

export interface HttpRequest {
  readonly method: string
  /** Path and query as sent. */
  readonly url: string
  readonly headers: IncomingHttpHeaders
  readonly sourceIp: string
  readonly body: Buffer
  readonly receivedMs: number
}

/**
 * The event of an HTTP API, payload format 2.0:
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
 */
export function httpEvent(request: HttpRequest, { route, pathParameters }: MatchedRoute) {
  const { method, headers, sourceIp, body, receivedMs } = request
  const [path = '/', ...query] = request.url.split('?')
  const rawQueryString = query.join('?')
  const cookies = headers.cookie?.split(/; */)
  const asText = isTextBody(headers, body)
  const domainName = headers.host ?? 'localhost'
  return {
    version: '2.0',
    routeKey: route.routeKey,
    rawPath: path,
    rawQueryString,
    ...(cookies && { cookies }),
    headers: flatHeaders(headers),
    ...(rawQueryString && { queryStringParameters: joined(new URLSearchParams(rawQueryString)) }),
    requestContext: {
      accountId: localAccount,
      apiId: 'local',
      domainName,
      domainPrefix: domainName.split('.')[0] ?? '',
      http: { method, path, protocol: 'HTTP/1.1', sourceIp, userAgent: headers['user-agent'] ?? '' },
      requestId: randomUUID(),
      routeKey: route.routeKey,
      stage: '$default',
      time: commonLogTime(receivedMs),
      timeEpoch: receivedMs,
    },
    ...(Object.keys(pathParameters).length > 0 && { pathParameters }),
    ...(body.length > 0 && { body: body.toString(asText ? 'utf8' : 'base64') }),
    isBase64Encoded: body.length > 0 && !asText,
  }
}

// An HTTP API passes on as text what has a textual type and no content encoding; a form comes in base64 too.
const textType = /^(text\/|application\/(json|xml|javascript|.*\+(json|xml))(;|$))/i

function isTextBody(headers: IncomingHttpHeaders, body: Buffer): boolean {
  const encoding = headers['content-encoding'] ?? 'identity'
  return encoding === 'identity' && textType.test(headers['content-type'] ?? '') && isUtf8(body)
}

function flatHeaders(headers: IncomingHttpHeaders): Record<string, string> {
  const flat: Record<string, string> = {}
  for (const [name, value] of Object.entries(headers)) {
    if (name === 'cookie' || value === undefined) continue
    flat[name] = Array.isArray(value) ? value.join(',') : value
  }
  return flat
}

function joined(query: URLSearchParams): Record<string, string> {
  const result: Record<string, string> = {}
  for (const name of new Set(query.keys())) result[name] = query.getAll(name).join(',')
  return result
}

/** `12/Mar/2020:19:03:58 +0000` */
function commonLogTime(ms: number): string {
  const [, day, month, year, time] = new Date(ms).toUTCString().split(' ')
  return `${day}/${month}/${year}:${time} +0000`
}
