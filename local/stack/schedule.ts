import { randomUUID } from 'node:crypto'
import { localAccount, localRegion } from './arns.ts'
import type { ScheduleDeclaration } from './declaration.ts'
import type { Invocation } from './invocation.ts'
import { parseSchedule } from './schedule-expression.ts'

export interface Scheduler {
  /** Begins no other invocation, and ends those in flight. */
  stop(): Promise<void>
}

const minuteMs = 60_000

/** Invokes each schedule's function when it is due, and once at the start, so that clocks move at once. */
export function startSchedules(
  schedules: readonly ScheduleDeclaration[],
  invoke: (functionName: string, payload: string) => Promise<Invocation>,
): Scheduler {
  const parsed = schedules.map((schedule) => ({ schedule, isDue: parseSchedule(schedule.expression) }))
  const inFlight = new Set<Promise<unknown>>()
  const run = (schedule: ScheduleDeclaration) => {
    const payload = schedule.input ?? JSON.stringify(scheduledEvent(schedule, new Date()))
    const invocation = invoke(schedule.functionName, payload)
    inFlight.add(invocation)
    void invocation.finally(() => inFlight.delete(invocation))
  }
  let timer: NodeJS.Timeout
  const sleepToNextMinute = () => {
    timer = setTimeout(onMinute, minuteMs - (Date.now() % minuteMs) + 1)
  }
  const onMinute = () => {
    const now = Math.floor(Date.now() / minuteMs) * minuteMs
    for (const { schedule, isDue } of parsed) if (isDue(now)) run(schedule)
    sleepToNextMinute()
  }
  for (const { schedule } of parsed) run(schedule)
  sleepToNextMinute()
  return {
    async stop() {
      clearTimeout(timer)
      await Promise.all(inFlight)
    },
  }
}

/** https://docs.aws.amazon.com/lambda/latest/dg/with-eventbridge-scheduler.html */
export function scheduledEvent(schedule: ScheduleDeclaration, now: Date) {
  return {
    version: '0',
    id: randomUUID(),
    'detail-type': 'Scheduled Event',
    source: 'aws.events',
    account: localAccount,
    time: `${now.toISOString().slice(0, 19)}Z`,
    region: localRegion,
    resources: [schedule.arn],
    detail: {},
  }
}
