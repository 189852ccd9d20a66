export type Windows = { readonly archive: number; readonly enrich: number; readonly aggregate: number }

/** What is to be priced. */
export type Scenario = {
  readonly eventsPerDay: number
  /** Of an event, as a client sends it. */
  readonly eventBytes: number
  /** Batching windows, in seconds. */
  readonly windows: Windows
  readonly lanes: number
  /** As the parameter of serverless.yml: how often panes are published. */
  readonly publish: string
  /** Of the raw stream; as many as the rate needs unless given. */
  readonly rawShards: number | undefined
  readonly laneShards: number | undefined
  /** How many events a client puts into one Kinesis record. */
  readonly eventsPerRecord: number
  readonly gzip: boolean
}

/** A month as AWS counts it in its examples: 730 hours. */
export const monthDays = 30.4
export const monthSeconds = monthDays * 86_400

export const eventsPerMonth = ({ eventsPerDay }: Scenario): number => eventsPerDay * monthDays
export const eventsPerSecond = ({ eventsPerDay }: Scenario): number => eventsPerDay / 86_400

/** A shard takes so much; a fifth is left free. https://docs.aws.amazon.com/streams/latest/dev/service-sizes-and-limits.html */
const shardBytesPerSecond = 1024 * 1024 * 0.8
const shardRecordsPerSecond = 1000 * 0.8

/** Shards that a rate needs, spread evenly over the day. */
export const shardsFor = (rate: { readonly bytes: number; readonly records: number }): number =>
  Math.max(1, Math.ceil(rate.bytes / shardBytesPerSecond), Math.ceil(rate.records / shardRecordsPerSecond))

/** What the lanes of serverless.yml are good for, with peaks of three times the mean: docs/decisions/0010. */
const eventsOfDeclaredLanes = 300e6

/** Twice as many for each doubling of the rate beyond that. */
export const lanesFor = (eventsPerDay: number, declaredLanes: number): number =>
  declaredLanes * 2 ** Math.ceil(Math.log2(Math.max(1, eventsPerDay / eventsOfDeclaredLanes)))
