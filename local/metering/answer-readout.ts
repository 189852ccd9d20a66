import type { AwsRequest, AwsResponse } from '../aws/http.ts'
import type { Meter } from './meter.ts'

/** No bucket can be called so. */
const path = '/_weir/meter'

type Handler = (request: AwsRequest) => Promise<AwsResponse>

/** Answers the readout as JSON at a path of its own: `curl 127.0.0.1:4566/_weir/meter`. */
export function answerReadout(meter: Meter, otherwise: Handler): Handler {
  return async (request) => {
    if (request.method !== 'GET' || request.path !== path) return otherwise(request)
    const headers = { 'content-type': 'application/json' }
    return { status: 200, headers, body: `${JSON.stringify(meter.readout(), null, 2)}\n` }
  }
}
