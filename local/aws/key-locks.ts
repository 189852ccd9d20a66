/** Runs what concerns one key one after another, so that a condition still holds when the write it guards is done. */
export function openKeyLocks(): <T>(key: string, work: () => Promise<T>) => Promise<T> {
  const tails = new Map<string, Promise<unknown>>()
  return (key, work) => {
    const before = tails.get(key) ?? Promise.resolve()
    const done = before.then(work, work)
    tails.set(key, done)
    const forget = () => {
      if (tails.get(key) === done) tails.delete(key)
    }
    done.then(forget, forget)
    return done
  }
}
