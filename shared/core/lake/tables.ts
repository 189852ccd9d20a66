import type { EventSpec } from '../plan/event-spec.ts'
import { propertyColumns } from '../plan/property-columns.ts'
import { type Column, columnsFrom } from './column.ts'
import { eventColumns } from './event-columns.ts'
import { sessionColumns } from './session-columns.ts'

export type { Column, ColumnType } from './column.ts'
export { eventColumns } from './event-columns.ts'

export type TableName =
  | 'raw'
  | 'events'
  | 'sessions'
  | 'bad_events'
  | 'events_daily'
  | 'sessions_daily'
  | 'persons'

/**
 * arrival: `dt=YYYY-MM-DD/hour=HH/`, projected, so that nobody has to add them to the catalogue.
 * part: `part=…/`, real partitions, which the batch layer adds.
 */
export type Partitioning = 'arrival' | 'part'

export type Table = {
  readonly name: TableName
  readonly format: 'parquet' | 'json'
  /** Folder in the lake, with its slash; partitions lie below it. */
  readonly prefix: string
  readonly partitioning: Partitioning
  readonly columns: readonly Column[]
  readonly comment: string
}

const partitions: Readonly<Record<Partitioning, readonly Column[]>> = {
  arrival: columnsFrom(
    'Firehose: when it took the first row of the file',
    ['dt', 'string', '2026-11-21', 'UTC day of arrival at Firehose, yyyy-MM-dd'],
    ['hour', 'string', '04', 'UTC hour of arrival at Firehose, 00 to 23'],
  ),
  part: columnsFrom('compact: the attempt that wrote it', [
    'part',
    'string',
    '2026-11-21.3f9a2c',
    'UTC day and attempt; the views name the parts that count',
  ]),
}

/** Keys of the partitions of a table; they are columns for queries, and folders in the bucket. */
export const partitionColumns = ({ partitioning }: Pick<Table, 'partitioning'>): readonly Column[] =>
  partitions[partitioning]

const raw: Table = {
  name: 'raw',
  format: 'json',
  prefix: 'raw/',
  partitioning: 'arrival',
  comment: 'Records of the raw stream as received; what everything else can be rebuilt from',
  columns: columnsFrom(
    'Kinesis',
    ['shard_id', 'string', 'shardId-000000000001', 'Shard of the raw stream'],
    ['sequence_number', 'string', '49648731…0562', 'Sequence number in that shard, up to 129 digits'],
    ['received_at', 'timestamp', '2026-11-21 04:05:07.012', 'Kinesis arrival time'],
    ['partition_key', 'string', '5e1c0f7a', 'Partition key the producer chose'],
    ['part', 'int', '0', 'Which part of the record this row holds, from 0'],
    ['parts', 'int', '1', 'How many rows the record takes', 'rows'],
    ['data', 'string', 'eyJ0eXBlIjoidHJhY2si…', 'Bytes of this part, base64'],
  ),
}

const events: Table = {
  name: 'events',
  format: 'parquet',
  prefix: 'events/',
  partitioning: 'arrival',
  comment: 'Accepted events, at least once; the view events_once shows each one once',
  columns: eventColumns,
}

const eventsDaily: Table = {
  name: 'events_daily',
  format: 'parquet',
  prefix: 'events_daily/',
  partitioning: 'part',
  comment:
    'Accepted events of closed days, each once, by the UTC day they happened; read it through events_once',
  columns: eventColumns,
}

const sessions: Table = {
  name: 'sessions',
  format: 'parquet',
  prefix: 'sessions/',
  partitioning: 'arrival',
  comment: 'Closed sessions, at least once; the view sessions_final resolves absorbed ones',
  columns: sessionColumns,
}

const sessionsDaily: Table = {
  name: 'sessions_daily',
  format: 'parquet',
  prefix: 'sessions_daily/',
  partitioning: 'part',
  comment: 'Sessions of closed days computed anew, by the UTC day they began; read it through sessions_final',
  columns: sessionColumns,
}

const persons: Table = {
  name: 'persons',
  format: 'parquet',
  prefix: 'persons/',
  partitioning: 'part',
  comment: 'The user last seen with each anonymous id, for person_id; read it through the views',
  columns: columnsFrom(
    'compact: the events of closed days that have both ids',
    ['anonymous_id', 'string', '5e1c0f7a', 'Id of the device or browser'],
    ['user_id', 'string', 'u-1001', 'The user of its last event that has one: by event_time, then by origin'],
    ['last_seen_at', 'timestamp', '2026-11-21 04:05:06.789', 'event_time of that event'],
    ['last_origin', 'string', 'shardId-000000000001:49648731…0562:3', 'origin of that event'],
  ),
}

const badEvents: Table = {
  name: 'bad_events',
  format: 'json',
  prefix: 'bad_events/',
  partitioning: 'arrival',
  comment: 'Events that were refused, kept whole, with every reason',
  columns: [
    ...columnsFrom(
      'Kinesis',
      ['origin', 'string', 'shardId-000000000001:49648731…0562:3', 'shard:sequence:index in the raw stream'],
      ['received_at', 'timestamp', '2026-11-21 04:05:07.012', 'Kinesis arrival time'],
    ),
    ...columnsFrom('client: anonymousId, userId', [
      'visitor',
      'string',
      'a:5e1c0f7a',
      'As of an accepted event, when it could be read',
    ]),
    ...columnsFrom(
      'enrich: the judgement',
      ['reason', 'string', 'bad_properties', 'Code of the first reason; what it is counted under'],
      [
        'reasons',
        'string',
        '[{"code":"bad_properties","path":"/revenue",…}]',
        'All reasons as JSON: [{code, path, message}]',
      ],
    ),
    ...columnsFrom(
      'client: as sent',
      ['payload', 'string', '{"type":"track","event":…}', 'The event as received'],
      ['payload_encoding', 'string', 'utf8', 'utf8, or base64 when it is not UTF-8'],
      ['payload_bytes', 'bigint', '812', 'Size of the event as received', 'bytes'],
      [
        'payload_key',
        'string',
        'overflow/shardId-000000000001:49648731…0562:3.json',
        'S3 key of the payload, when it was too large for this place',
      ],
    ),
  ],
}

/** The tables of the lake with the columns that do not depend on a tracking plan. */
export const tables: Readonly<Record<TableName, Table>> = {
  raw,
  events,
  sessions,
  bad_events: badEvents,
  events_daily: eventsDaily,
  sessions_daily: sessionsDaily,
  persons,
}

/** `events` with a typed column `properties_<name>` for each property of the plan. Throws when two events disagree. */
export const eventsTable = (plan: readonly EventSpec[]): Table => ({
  ...events,
  columns: [...eventColumns, ...propertyColumns(plan)],
})

/** All tables of a stage. */
export const lakeTables = (plan: readonly EventSpec[]): Readonly<Record<TableName, Table>> => {
  const { columns } = eventsTable(plan)
  return { ...tables, events: { ...events, columns }, events_daily: { ...eventsDaily, columns } }
}
