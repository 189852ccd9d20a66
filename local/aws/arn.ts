export const accountId = '000000000000'
const region = 'us-east-1'

/** Every region and account is the same place here; clients only hand ARNs back. */
export function arnOf(service: 'kinesis' | 'firehose' | 'ssm' | 'sqs', resource: string): string {
  return `arn:aws:${service}:${region}:${accountId}:${resource}`
}

/** `arn:…:stream/name` or `arn:…:stream/name/consumer/…` → `name`. */
export function nameInArn(arn: string): string {
  return arn.split('/')[1] ?? arn
}
