/**
 * Hands over every item to a service that may refuse some of them inside a successful answer, as PutRecords and
 * PutRecordBatch do: those are sent again, and only those. Throws when it goes on too long.
 */
export const resendRefused = async <Item>(
  items: readonly Item[],
  service: {
    readonly name: string
    /** Sends the items; answers the places of those that were refused, and why. */
    put(items: readonly Item[]): Promise<{ readonly refused: readonly number[]; readonly reason: string }>
    /** Waits before the next attempt. */
    pause(attempt: number): Promise<void>
  },
): Promise<void> => {
  let waiting = items
  for (let attempt = 1; waiting.length > 0; attempt++) {
    const { refused, reason } = await service.put(waiting)
    waiting = waiting.filter((_, place) => refused.includes(place))
    if (waiting.length === 0) return
    if (attempt === maxAttempts)
      throw new Error(`${service.name} refused ${waiting.length} records ${attempt} times; last: ${reason}`)
    await service.pause(attempt)
  }
}

const maxAttempts = 12
