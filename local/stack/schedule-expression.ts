/** When a schedule is due, told at whole minutes (epoch ms, UTC). */
export type Due = (minuteMs: number) => boolean

const minuteMs = 60_000
const unitMinutes: Readonly<Record<string, number>> = { minute: 1, hour: 60, day: 1440 }

/**
 * `rate(5 minutes)` or `cron(minute hour day-of-month month day-of-week year)` with *, lists, ranges and steps.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html
 */
export function parseSchedule(expression: string): Due {
  const rate = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(expression)
  if (rate) {
    const periodMs = Number(rate[1]) * (unitMinutes[rate[2] ?? ''] ?? 1) * minuteMs
    return (now) => now % periodMs === 0
  }
  const cron = /^cron\(([^)]+)\)$/.exec(expression)
  const fields = cron?.[1]?.split(' ') ?? []
  if (fields.length !== 6) throw unknown(expression)
  const [minute, hour, day, month, weekday] = fields.map((field) => parseField(field, expression))
  return (now) => {
    const at = new Date(now)
    return Boolean(
      minute?.(at.getUTCMinutes()) &&
        hour?.(at.getUTCHours()) &&
        day?.(at.getUTCDate()) &&
        month?.(at.getUTCMonth() + 1) &&
        // EventBridge counts the days of the week from 1, Sunday.
        weekday?.(at.getUTCDay() + 1),
    )
  }
}

function parseField(field: string, expression: string): (value: number) => boolean {
  const parts = field.split(',').map((part) => {
    const [, star, from, to, step] = /^(?:([*?])|(\d+)(?:-(\d+))?)(?:\/(\d+))?$/.exec(part) ?? []
    if (star === undefined && from === undefined) throw unknown(expression)
    const first = Number(from ?? 0)
    const last = Number(to ?? (star !== undefined || step !== undefined ? 9999 : first))
    const every = Number(step ?? 1)
    return (value: number) => value >= first && value <= last && (value - first) % every === 0
  })
  return (value) => parts.some((matches) => matches(value))
}

function unknown(expression: string): Error {
  return new Error(`schedule ${expression}: the local stack knows rate(n minutes) and cron of numbers`)
}
