import { accountId } from './arn.ts'
import type { PreparedCall } from './call.ts'
import { AwsError, xmlOf } from './errors.ts'
import type { AwsRequest } from './http.ts'

/** GetCallerIdentity, which `aws` and deploy tools ask first. */
export function prepareStsCall(request: AwsRequest, principal: string): PreparedCall {
  const action = new URLSearchParams(request.body.toString('utf8')).get('Action') ?? ''
  if (action !== 'GetCallerIdentity') {
    throw new AwsError('InvalidAction', `sts ${action} is not known here`)
  }
  const result = { Arn: `arn:aws:iam::${accountId}:user/${principal}`, UserId: principal, Account: accountId }
  const body = `<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">${xmlOf({ GetCallerIdentityResult: result })}</GetCallerIdentityResponse>`
  return {
    service: 'sts',
    action,
    resource: '*',
    protocol: 'query',
    run: () => ({ status: 200, headers: { 'content-type': 'text/xml' }, body }),
  }
}
