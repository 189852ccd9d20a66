import { AwsError } from '../errors.ts'
import type { KinesisStore } from './store.ts'

const leastHours = 24
const mostHours = 8760

/** One action each way, both of which take what is so already: in the words of AWS, as the tests of kinesalite have them. */
export function changeRetention(
  store: KinesisStore,
  o: { stream: string; hours: number; direction: 'Increase' | 'Decrease' },
): void {
  const { stream, hours, direction } = o
  const { retentionHours: kept } = store.describe(stream)
  const requested = `Requested retention period (${hours} hours)`
  if (hours < leastHours)
    throw refused(`Minimum allowed retention period is ${leastHours} hours. ${requested} is too short.`)
  if (hours > mostHours)
    throw refused(`Maximum allowed retention period is ${mostHours} hours. ${requested} is too long.`)
  const than = `existing retention period (${kept} hours)`
  if (direction === 'Increase' && hours < kept)
    throw refused(
      `${requested} for stream ${stream} can not be shorter than ${than}. Use DecreaseRetentionPeriod API.`,
    )
  if (direction === 'Decrease' && hours > kept)
    throw refused(
      `${requested} for stream ${stream} can not be longer than ${than}. Use IncreaseRetentionPeriod API.`,
    )
  store.setRetention(stream, hours)
}

const refused = (message: string) => new AwsError('InvalidArgumentException', message)
