import { AwsError } from '../errors.ts'

/** What Athena answers to a call that it does not accept. */
export function invalidRequest(message: string, code = 'INVALID_INPUT'): AwsError {
  return new AwsError('InvalidRequestException', message, { detail: { AthenaErrorCode: code } })
}

/** Why a statement failed: it becomes the execution's StateChangeReason. Begins with Trino's name of the error. */
export class QueryFailure extends Error {}
