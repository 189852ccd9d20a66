import type { PreparedCall, ServiceName } from './call.ts'
import { AwsError } from './errors.ts'
import { type AwsRequest, header } from './http.ts'
import { Input } from './input.ts'
import { parseWithLongTexts } from './long-text.ts'

export type ActionContext = {
  principal: string
  /** As the client called it, with its port. */
  host: string
}

export type JsonService = {
  service: ServiceName
  /** Members of megabytes, which are read by `text` and `blob` only. */
  hasLongTexts?: true
  actions: Record<string, (input: Input, context: ActionContext) => unknown>
  resource: (input: Input) => string
  /** What a write wrote, for listeners; undefined for reads. */
  payload: (action: string, input: Input) => (() => unknown) | undefined
}

/** Reads a JSON 1.1 call (`X-Amz-Target: Prefix.Action`) and binds it to its action. */
export function prepareJsonCall(o: JsonService, request: AwsRequest, principal: string): PreparedCall {
  const name = header(request, 'x-amz-target')?.split('.')[1] ?? ''
  const action = o.actions[name]
  if (!action) throw new AwsError('UnknownOperationException', `${o.service} ${name} is not known here`)
  const input = Input.parse(request.body, o.hasLongTexts && parseWithLongTexts)
  const payload = o.payload(name, input)
  return {
    service: o.service,
    action: name,
    resource: o.resource(input),
    protocol: 'json',
    ...(payload && { payload }),
    run: async () => {
      const output = await action(input, { principal, host: request.host })
      return {
        status: 200,
        headers: { 'content-type': 'application/x-amz-json-1.1' },
        body: output === undefined ? '' : JSON.stringify(output),
      }
    },
  }
}
