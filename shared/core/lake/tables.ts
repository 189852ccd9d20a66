import type { EventSpec } from '../plan/event-spec.ts'
import { propertyColumns } from '../plan/property-columns.ts'

/** Types that Glue, Athena, Firehose's Parquet conversion and DuckDB all know. */
export type ColumnType = 'string' | 'bigint' | 'int' | 'double' | 'boolean' | 'timestamp' | 'array<string>'

export type Column = { readonly name: string; readonly type: ColumnType; readonly comment: string }

export type TableName = 'raw' | 'events' | 'sessions' | 'bad_events'

export type Table = {
  readonly name: TableName
  readonly format: 'parquet' | 'json'
  /** Folder in the lake, with its slash; below it `dt=YYYY-MM-DD/hour=HH/`. */
  readonly prefix: string
  readonly columns: readonly Column[]
  readonly comment: string
}

/** Every table is partitioned by the UTC day and hour at which Firehose took the row. */
export const partitionColumns: readonly Column[] = [
  { name: 'dt', type: 'string', comment: 'UTC day of arrival at Firehose, yyyy-MM-dd' },
  { name: 'hour', type: 'string', comment: 'UTC hour of arrival at Firehose, 00 to 23' },
]

const column = (name: string, type: ColumnType, comment: string): Column => ({ name, type, comment })

const raw: Table = {
  name: 'raw',
  format: 'json',
  prefix: 'raw/',
  comment: 'Records of the raw stream as received; what everything else can be rebuilt from',
  columns: [
    column('shard_id', 'string', 'Shard of the raw stream'),
    column('sequence_number', 'string', 'Sequence number in that shard, up to 129 digits'),
    column('received_at', 'timestamp', 'Kinesis arrival time'),
    column('partition_key', 'string', 'Partition key the producer chose'),
    column('part', 'int', 'Which part of the record this row holds, from 0'),
    column('parts', 'int', 'How many rows the record takes'),
    column('data', 'string', 'Bytes of this part, base64'),
  ],
}

/** Columns of `events` that every event has, whatever the tracking plan says. */
export const eventColumns: readonly Column[] = [
  column(
    'origin',
    'string',
    'shard:sequence:index of this copy in the raw stream; one row per origin is the truth',
  ),
  column('event_id', 'string', 'Id the client gave (messageId), or the origin when it gave none'),
  column('event', 'string', 'Name of the event; Page Viewed and Screen Viewed for page and screen calls'),
  column('type', 'string', 'track, page, screen, identify, group or alias'),
  column('visitor', 'string', 'a:anonymousId, else u:userId, else o:messageId or origin'),
  column('anonymous_id', 'string', 'Id of the device or browser'),
  column('user_id', 'string', 'Id of the signed-in user'),
  column('session_id', 'string', 'Session at the time the row was written; events_once has the final one'),
  column('event_time', 'timestamp', 'When it happened, the client clock corrected by receivedAt'),
  column('received_at', 'timestamp', 'Kinesis arrival time'),
  column('sent_at', 'timestamp', 'When the client sent it, by its own clock'),
  column('original_timestamp', 'timestamp', 'When it happened, by the clock of the client'),
  column('flags', 'array<string>', 'What was odd about it: unplanned, clock_clamped, synthetic_id, …'),
  column('page_url', 'string', 'Address of the page'),
  column('page_host', 'string', 'Host of the page'),
  column('page_path', 'string', 'Path of the page'),
  column('page_query', 'string', 'Query of the page, without the question mark'),
  column('page_title', 'string', 'Title of the page'),
  column('referrer', 'string', 'Address the visitor came from'),
  column('referrer_host', 'string', 'Host of the referrer'),
  column('referrer_medium', 'string', 'direct, internal, search, social, email or referral'),
  column(
    'channel',
    'string',
    'direct, internal, search, paid_search, social, paid_social, email, display, affiliate, referral, campaign',
  ),
  column('utm_source', 'string', 'Campaign source'),
  column('utm_medium', 'string', 'Campaign medium'),
  column('utm_campaign', 'string', 'Campaign name'),
  column('utm_term', 'string', 'Campaign term'),
  column('utm_content', 'string', 'Campaign content'),
  column('click_id', 'string', 'Click id an ad network added to the address'),
  column('click_id_type', 'string', 'Name of its parameter: gclid, fbclid, msclkid, …'),
  column('user_agent', 'string', 'User agent, cut at 1,024 characters'),
  column('browser', 'string', 'Name of the browser'),
  column('browser_version', 'string', 'Version of the browser'),
  column('os', 'string', 'Name of the operating system'),
  column('os_version', 'string', 'Version of the operating system'),
  column('device_class', 'string', 'desktop, mobile, tablet, tv, bot or other'),
  column('is_bot', 'boolean', 'True when the user agent names a crawler'),
  column('geo_country', 'string', 'ISO 3166-1 alpha-2 code by the address, which itself is not kept'),
  column('locale', 'string', 'Language and region, en-US'),
  column('timezone', 'string', 'Time zone of the client, Europe/Berlin'),
  column('library_name', 'string', 'Client library'),
  column('library_version', 'string', 'Version of the client library'),
  column('group_id', 'string', 'Group of a group call'),
  column('previous_id', 'string', 'Earlier id of an alias call'),
  column('properties', 'string', 'Properties as JSON'),
  column('traits', 'string', 'Traits as JSON'),
  column('context', 'string', 'Context as JSON, without the IP address and the user agent'),
  column('payload_key', 'string', 'S3 key of the whole row, when it was too large for this place'),
]

const events: Table = {
  name: 'events',
  format: 'parquet',
  prefix: 'events/',
  comment: 'Accepted events, at least once; the view events_once shows each one once',
  columns: eventColumns,
}

const sessions: Table = {
  name: 'sessions',
  format: 'parquet',
  prefix: 'sessions/',
  comment: 'Closed sessions, at least once; the view sessions_final resolves absorbed ones',
  columns: [
    column('session_id', 'string', 'From the event of the session that arrived first'),
    column('visitor', 'string', 'a:anonymousId, else u:userId, else o:messageId or origin'),
    column('anonymous_id', 'string', 'Id of the device or browser'),
    column('user_id', 'string', 'Id of the signed-in user'),
    column('started_at', 'timestamp', 'Time of its first event'),
    column('ended_at', 'timestamp', 'Time of its last event'),
    column('duration_ms', 'bigint', 'From first to last event'),
    column('events', 'bigint', 'Events in it'),
    column('page_views', 'bigint', 'Pages and screens seen in it'),
    column('entry_page', 'string', 'Path of its first page'),
    column('exit_page', 'string', 'Path of its last page'),
    column('referrer_host', 'string', 'Host the visitor came from'),
    column('channel', 'string', 'Channel of its first event'),
    column('utm_source', 'string', 'Campaign source'),
    column('utm_medium', 'string', 'Campaign medium'),
    column('utm_campaign', 'string', 'Campaign name'),
    column('geo_country', 'string', 'ISO 3166-1 alpha-2 code'),
    column('device_class', 'string', 'desktop, mobile, tablet, tv, bot or other'),
    column('browser', 'string', 'Name of the browser'),
    column('os', 'string', 'Name of the operating system'),
    column('is_bot', 'boolean', 'True when an event of it is of a crawler'),
    column('bounced', 'boolean', 'True when the visitor left after one look'),
    column('engaged', 'boolean', 'The opposite of bounced'),
    column('revenue', 'double', 'Money of its orders'),
    column('late', 'boolean', 'True when it was opened after its visitor’s session at that time had closed'),
    column('absorbed_ids', 'array<string>', 'Ids of the sessions that were merged into it'),
    column('last_arrival', 'timestamp', 'Kinesis arrival time of the last of its events to arrive'),
  ],
}

const badEvents: Table = {
  name: 'bad_events',
  format: 'json',
  prefix: 'bad_events/',
  comment: 'Events that were refused, kept whole, with every reason',
  columns: [
    column('origin', 'string', 'shard:sequence:index in the raw stream'),
    column('received_at', 'timestamp', 'Kinesis arrival time'),
    column('visitor', 'string', 'As of an accepted event, when it could be read'),
    column('reason', 'string', 'Code of the first reason; what it is counted under'),
    column('reasons', 'string', 'All reasons as JSON: [{code, path, message}]'),
    column('payload', 'string', 'The event as received'),
    column('payload_encoding', 'string', 'utf8, or base64 when it is not UTF-8'),
    column('payload_bytes', 'bigint', 'Size of the event as received'),
    column('payload_key', 'string', 'S3 key of the payload, when it was too large for this place'),
  ],
}

/** The tables of the lake with the columns that do not depend on a tracking plan. */
export const tables: Readonly<Record<TableName, Table>> = { raw, events, sessions, bad_events: badEvents }

/** `events` with a typed column `properties_<name>` for each property of the plan. Throws when two events disagree. */
export const eventsTable = (plan: readonly EventSpec[]): Table => ({
  ...events,
  columns: [...eventColumns, ...propertyColumns(plan)],
})

/** All tables of a stage. */
export const lakeTables = (plan: readonly EventSpec[]): Readonly<Record<TableName, Table>> => ({
  ...tables,
  events: eventsTable(plan),
})
