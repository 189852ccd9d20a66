/**
 * Hands over every item to a service that may refuse some of them inside a successful answer, as PutRecords and
 * PutRecordBatch do: those are sent again, and only those. Throws when it goes on too long without one item taken.
 */
export const resendRefused = async <Item>(
  items: readonly Item[],
  service: {
    readonly name: string
    /** In a row without one item taken: a busy service that takes some each time is not given up. */
    readonly maxAttempts?: number
    /** Sends the items; answers the places of those that were refused, and why. */
    put(items: readonly Item[]): Promise<{ readonly refused: readonly number[]; readonly reason: string }>
    /** Waits before the next attempt. */
    pause(attempt: number): Promise<void>
  },
): Promise<void> => {
  const { maxAttempts = 12 } = service
  let waiting = items
  for (let attempt = 1; waiting.length > 0; attempt++) {
    const offered = waiting.length
    const { refused, reason } = await service.put(waiting)
    const places = new Set(refused)
    waiting = waiting.filter((_, place) => places.has(place))
    if (waiting.length === 0) return
    if (waiting.length < offered) attempt = 1
    if (attempt === maxAttempts)
      throw new Error(`${service.name} refused ${waiting.length} records ${attempt} times; last: ${reason}`)
    await service.pause(attempt)
  }
}
