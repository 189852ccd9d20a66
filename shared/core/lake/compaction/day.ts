export const dayMs = 86_400_000

/** `2026-11-01` of an instant, in UTC. */
export const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10)

/** The UTC midnight at which a day begins. */
export const startOfDay = (day: string): number => Date.parse(`${day}T00:00:00.000Z`)

/** The last UTC midnight at or before an instant. */
export const midnightBefore = (ms: number): number => Math.floor(ms / dayMs) * dayMs

/** Days from one to another, both included, in order. */
export const daysBetween = (from: string, to: string): string[] => {
  const days: string[] = []
  for (let ms = startOfDay(from); ms <= startOfDay(to); ms += dayMs) days.push(dayOf(ms))
  return days
}
