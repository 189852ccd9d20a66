import { AwsError } from '../errors.ts'
import { QueryFailure } from './refusal.ts'

/** DuckDB's kinds of errors as Trino would name them. https://docs.aws.amazon.com/athena/latest/ug/error-reference.html */
const names: readonly [pattern: RegExp, name: string][] = [
  [/^(Failed to extract statements: )?Parser Error/, 'SYNTAX_ERROR'],
  [/^Catalog Error: (Scalar|Table|Aggregate) Function/, 'FUNCTION_NOT_FOUND'],
  [/^Catalog Error: Table/, 'TABLE_NOT_FOUND'],
  [/^Binder Error: Referenced column/, 'COLUMN_NOT_FOUND'],
  [/^Binder Error/, 'TYPE_MISMATCH'],
  [/^Conversion Error/, 'INVALID_CAST_ARGUMENT'],
  [/^Out of Memory Error/, 'EXCEEDED_MEMORY_LIMIT'],
  [/^IO Error/, 'HIVE_CANNOT_OPEN_SPLIT'],
  [/^(Invalid Input|Out of Range) Error/, 'INVALID_FUNCTION_ARGUMENT'],
]

/** The StateChangeReason of a query that failed. */
export function failureReason(error: unknown): string {
  if (error instanceof QueryFailure || error instanceof AwsError) return error.message
  const message = error instanceof Error ? error.message : String(error)
  const name = names.find(([pattern]) => pattern.test(message))?.[1] ?? 'GENERIC_INTERNAL_ERROR'
  return `${name}: ${message}`
}
