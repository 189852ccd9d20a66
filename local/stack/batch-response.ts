/**
 * What a function's answer says of a batch. `until(n)`: the first n records are done, the rest is to be retried.
 * https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-batchfailurereporting.html
 */
export type BatchVerdict =
  | { readonly kind: 'done' }
  | { readonly kind: 'until'; readonly doneRecords: number }
  | { readonly kind: 'failed' }

/** Reads the answer of a function whose mapping has ReportBatchItemFailures. */
export function readBatchResponse(payload: string, sequenceNumbers: readonly string[]): BatchVerdict {
  const failures = batchItemFailures(payload)
  if (failures === 'none') return { kind: 'done' }
  if (failures === 'unreadable') return { kind: 'failed' }
  const positions = failures.map((identifier) => sequenceNumbers.indexOf(identifier))
  const lowest = Math.min(...positions)
  // An identifier that is not of this batch makes the whole batch a failure; so does its first record.
  return lowest <= 0 ? { kind: 'failed' } : { kind: 'until', doneRecords: lowest }
}

/** Every identifier that an answer names; of a queue each stands for itself alone. */
export function failedItems(payload: string): string[] | 'unreadable' {
  const failures = batchItemFailures(payload)
  return failures === 'none' ? [] : failures
}

function batchItemFailures(payload: string): string[] | 'none' | 'unreadable' {
  const response: unknown = JSON.parse(payload)
  if (response === null) return 'none'
  if (typeof response !== 'object') return 'unreadable'
  const list = 'batchItemFailures' in response ? response.batchItemFailures : null
  if (list === null) return 'none'
  if (!Array.isArray(list)) return 'unreadable'
  return list.length === 0 ? 'none' : list.map(identifierOf)
}

function identifierOf(item: unknown): string {
  const identifier = item !== null && typeof item === 'object' && 'itemIdentifier' in item
  return identifier ? String(item.itemIdentifier) : ''
}
