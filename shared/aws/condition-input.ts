import type { PutCondition } from '../core/metric/put-condition.ts'

/** A condition as `PutItem` takes it. */
export const conditionInput = ({ expression, names, numbers, texts }: PutCondition) => ({
  ConditionExpression: expression,
  ExpressionAttributeNames: names,
  ExpressionAttributeValues: {
    ...Object.fromEntries(Object.entries(numbers).map(([name, value]) => [name, { N: String(value) }])),
    ...Object.fromEntries(Object.entries(texts).map(([name, value]) => [name, { S: value }])),
  },
})
