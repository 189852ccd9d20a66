import { type Column, columnsFrom } from './column.ts'

/** Columns of `sessions` and `sessions_daily`. */
export const sessionColumns: readonly Column[] = [
  ...columnsFrom('aggregate: the first event of the session to arrive', [
    'session_id',
    'string',
    'cGx1bS1kYXRhLXNlc3Npbw',
    'From the event of the session that arrived first',
  ]),
  ...columnsFrom(
    'client: anonymousId, userId of its last event that has one',
    ['visitor', 'string', 'a:5e1c0f7a', 'a:anonymousId, else u:userId, else o:messageId or origin'],
    ['anonymous_id', 'string', '5e1c0f7a', 'Id of the device or browser'],
    ['user_id', 'string', 'u-1001', 'Id of the signed-in user'],
  ),
  ...columnsFrom(
    'its events',
    ['started_at', 'timestamp', '2026-11-21 04:05:06.789', 'Time of its first event'],
    ['ended_at', 'timestamp', '2026-11-21 04:17:40.120', 'Time of its last event'],
    ['duration_ms', 'bigint', '753331', 'From first to last event', 'ms'],
    ['events', 'bigint', '14', 'Events in it', 'events'],
    ['page_views', 'bigint', '5', 'Pages and screens seen in it', 'pages'],
    ['entry_page', 'string', '/', 'Path of its first page'],
    ['exit_page', 'string', '/checkout/done', 'Path of its last page'],
  ),
  ...columnsFrom(
    'its first event in time',
    ['referrer_host', 'string', 'www.google.com', 'Host the visitor came from'],
    ['channel', 'string', 'search', 'Channel of its first event'],
    ['utm_source', 'string', 'news', 'Campaign source'],
    ['utm_medium', 'string', 'email', 'Campaign medium'],
    ['utm_campaign', 'string', 'spring-sale', 'Campaign name'],
    ['geo_country', 'string', 'FR', 'ISO 3166-1 alpha-2 code'],
    ['device_class', 'string', 'desktop', 'desktop, mobile, tablet, tv, bot or other'],
    ['browser', 'string', 'Firefox', 'Name of the browser'],
    ['os', 'string', 'Linux', 'Name of the operating system'],
  ),
  ...columnsFrom(
    'its events',
    ['is_bot', 'boolean', 'false', 'True when an event of it is of a crawler'],
    ['bounced', 'boolean', 'false', 'True when the visitor left after one look'],
    ['engaged', 'boolean', 'true', 'The opposite of bounced: 10 s or longer, two pages, or money'],
    ['revenue', 'double', '59.8', 'Money of its orders', 'sum over orders, in the currency they name'],
  ),
  ...columnsFrom(
    'aggregate: the clock of the lane',
    [
      'late',
      'boolean',
      'false',
      'True when it was opened after its visitor’s session at that time had closed',
    ],
    [
      'absorbed_ids',
      'array<string>',
      '[Zm9vYmFyLXNlc3Npb24tMQ]',
      'Ids of the sessions that were merged into it',
    ],
    [
      'last_arrival',
      'timestamp',
      '2026-11-21 04:17:41.003',
      'Kinesis arrival time of the last of its events to arrive',
    ],
  ),
]
