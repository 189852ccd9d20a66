import type { Call } from '../../local/aws/call.ts'

/**
 * API operations that IAM knows under another name:
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsqs.html
 */
const otherNames: Readonly<Record<string, string>> = {
  's3:DeleteObjects': 's3:DeleteObject',
  's3:HeadObject': 's3:GetObject',
  's3:ListObjectsV2': 's3:ListBucket',
  'sqs:DeleteMessageBatch': 'sqs:DeleteMessage',
  'sqs:SendMessageBatch': 'sqs:SendMessage',
}

/** The action that a policy must allow for a call. */
export const iamAction = ({ service, action }: Pick<Call, 'service' | 'action'>): string =>
  otherNames[`${service}:${action}`] ?? `${service}:${action}`
