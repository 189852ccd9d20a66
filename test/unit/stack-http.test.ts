import { describe, expect, it } from 'vitest'
import { type HttpRequest, httpEvent } from '../../local/stack/http-event.ts'
import { httpResponse } from '../../local/stack/http-response.ts'
import { routeMatcher } from '../../local/stack/routes.ts'

const route = { routeKey: 'POST /v1/{type}', functionName: 'weir-local-collect' }

function eventOf(overrides: Partial<HttpRequest>) {
  const request: HttpRequest = {
    method: 'POST',
    url: '/v1/track',
    headers: { host: '127.0.0.1:3000', 'content-type': 'application/json' },
    sourceIp: '127.0.0.1',
    body: Buffer.from('{"a":1}'),
    receivedMs: Date.UTC(2026, 10, 21, 4, 5, 6),
    ...overrides,
  }
  return httpEvent(request, { route, pathParameters: { type: 'track' } })
}

const returned = (answer: unknown) =>
  httpResponse({ kind: 'returned', requestId: 'r', payload: JSON.stringify(answer) })

describe('the event of a request', () => {
  it('has the shape of payload format 2.0', () => {
    const headers = {
      host: '127.0.0.1:3000',
      'content-type': 'text/plain',
      'user-agent': 'ua',
      cookie: 'a=1; b=2',
    }
    expect(eventOf({ url: '/v1/track?a=1&a=2&b=%20', headers })).toEqual({
      version: '2.0',
      routeKey: 'POST /v1/{type}',
      rawPath: '/v1/track',
      rawQueryString: 'a=1&a=2&b=%20',
      cookies: ['a=1', 'b=2'],
      headers: { host: '127.0.0.1:3000', 'content-type': 'text/plain', 'user-agent': 'ua' },
      queryStringParameters: { a: '1,2', b: ' ' },
      pathParameters: { type: 'track' },
      requestContext: {
        accountId: '000000000000',
        apiId: 'local',
        domainName: '127.0.0.1:3000',
        domainPrefix: '127',
        http: {
          method: 'POST',
          path: '/v1/track',
          protocol: 'HTTP/1.1',
          sourceIp: '127.0.0.1',
          userAgent: 'ua',
        },
        requestId: expect.any(String),
        routeKey: 'POST /v1/{type}',
        stage: '$default',
        time: '21/Nov/2026:04:05:06 +0000',
        timeEpoch: Date.UTC(2026, 10, 21, 4, 5, 6),
      },
      body: '{"a":1}',
      isBase64Encoded: false,
    })
  })

  it.each([
    ['a form', { 'content-type': 'application/x-www-form-urlencoded' }, Buffer.from('a=1')],
    ['no type', {}, Buffer.from('a')],
    ['an encoding', { 'content-type': 'application/json', 'content-encoding': 'gzip' }, Buffer.from('a')],
    ['bytes that are no UTF-8', { 'content-type': 'application/json' }, Buffer.from([0x1f, 0x8b])],
  ])('has a body with %s in base64', (_, headers, body) => {
    expect(eventOf({ headers, body })).toMatchObject({ body: body.toString('base64'), isBase64Encoded: true })
  })

  it('has no body when none was sent', () => {
    expect(eventOf({ body: Buffer.alloc(0) })).not.toHaveProperty('body')
  })
})

describe('the answer of a function', () => {
  it('becomes status, headers, cookies and body', () => {
    const answer = {
      statusCode: 201,
      headers: { 'X-A': 1 },
      cookies: ['c=1'],
      body: 'aGk=',
      isBase64Encoded: true,
    }
    expect(returned(answer)).toEqual({
      status: 201,
      headers: { 'content-type': 'text/plain; charset=utf-8', 'x-a': '1', 'set-cookie': ['c=1'] },
      body: Buffer.from('hi'),
    })
  })

  it('is the body itself, as JSON, when it has no status', () => {
    expect(returned({ a: 1 })).toMatchObject({ status: 200, body: Buffer.from('{"a":1}') })
  })

  it('is a 500 when it failed, and a 503 when it timed out', () => {
    const failed = { kind: 'failed', requestId: 'r', errorType: 'E', errorMessage: 'secret' } as const
    expect(httpResponse({ ...failed, timedOut: false }).status).toBe(500)
    expect(httpResponse({ ...failed, timedOut: true }).status).toBe(503)
    expect(httpResponse({ ...failed, timedOut: false }).body.toString()).not.toContain('secret')
  })
})

describe('routes', () => {
  const match = routeMatcher(
    ['$default', 'ANY /v1/{proxy+}', 'GET /v1/{name}', 'GET /v1/metrics', 'GET /v1/metrics/{name}'].map(
      (routeKey) => ({
        routeKey,
        functionName: 'f',
      }),
    ),
  )

  it.each([
    ['GET', '/v1/metrics', 'GET /v1/metrics', {}],
    ['GET', '/v1/other', 'GET /v1/{name}', { name: 'other' }],
    ['GET', '/v1/metrics/a%20b', 'GET /v1/metrics/{name}', { name: 'a b' }],
    ['POST', '/v1/a/b', 'ANY /v1/{proxy+}', { proxy: 'a/b' }],
    ['GET', '/', '$default', { proxy: '' }],
  ])('%s %s goes to %s', (method, path, routeKey, pathParameters) => {
    const matched = match(method, path)
    expect(matched?.route.routeKey).toBe(routeKey)
    expect(matched?.pathParameters).toEqual(pathParameters)
  })

  it('that do not exist match nothing', () => {
    expect(routeMatcher([route])('GET', '/v1/track')).toBeUndefined()
    expect(routeMatcher([route])('POST', '/v1/track/more')).toBeUndefined()
  })
})
