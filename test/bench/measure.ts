/** The middle of them; of an even number the mean of the two. NaN of none. */
export const median = (values: readonly number[]): number => {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2
}

/** Microseconds an event. */
export const timed = async <Answer>(
  events: number,
  run: () => Answer | Promise<Answer>,
): Promise<{ us: number; answer: Answer }> => {
  const began = performance.now()
  const answer = await run()
  return { us: ((performance.now() - began) * 1000) / events, answer }
}
