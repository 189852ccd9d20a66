import type { Dimensions } from '../enrichment/enrich.ts'
import type { Envelope } from './envelope.ts'
import type { EventTimes } from './event-time.ts'
import type { Flag } from './flag.ts'
import type { EpochMs } from './outcome.ts'

/** Everything known of an accepted event: what its row, its session facts and its metric fields are read off. */
export type EnrichedEvent = {
  readonly origin: string
  readonly receivedAt: EpochMs
  readonly envelope: Envelope
  /** Of the JSON it came in; see `Json`. */
  readonly escapeFree: boolean
  readonly times: EventTimes
  readonly dimensions: Dimensions
  readonly eventId: string
  readonly visitor: string
  /** Ids as text; '' when there is none. */
  readonly anonymousId: string
  readonly userId: string
  readonly groupId: string
  readonly previousId: string
  readonly flags: readonly Flag[]
}
