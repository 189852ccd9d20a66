import { keyedColumnsFrom, keysOf } from './column.ts'

/** Columns of `sessions` and `sessions_daily`. A column that `events` has too has the same key there. */
export const sessionColumns = [
  ...keyedColumnsFrom('aggregate: the first event of the session to arrive', [
    's',
    'session_id',
    'string',
    'cGx1bS1kYXRhLXNlc3Npbw',
    'From the event of the session that arrived first',
  ]),
  ...keyedColumnsFrom(
    'client: anonymousId, userId of its last event that has one',
    ['v', 'visitor', 'string', 'a:5e1c0f7a', 'a:anonymousId, else u:userId, else o:messageId or origin'],
    ['a', 'anonymous_id', 'string', '5e1c0f7a', 'Id of the device or browser'],
    ['u', 'user_id', 'string', 'u-1001', 'Id of the signed-in user'],
  ),
  ...keyedColumnsFrom(
    'its events',
    ['sa', 'started_at', 'timestamp', '2026-11-21 04:05:06.789', 'Time of its first event'],
    ['ea', 'ended_at', 'timestamp', '2026-11-21 04:17:40.120', 'Time of its last event'],
    ['dm', 'duration_ms', 'bigint', '753331', 'From first to last event', 'ms'],
    ['ev', 'events', 'bigint', '14', 'Events in it', 'events'],
    ['pv', 'page_views', 'bigint', '5', 'Pages and screens seen in it', 'pages'],
    ['ep', 'entry_page', 'string', '/', 'Path of its first page'],
    ['xp', 'exit_page', 'string', '/checkout/done', 'Path of its last page'],
  ),
  ...keyedColumnsFrom(
    'its first event in time',
    ['g', 'referrer_host', 'string', 'www.google.com', 'Host the visitor came from'],
    ['c', 'channel', 'string', 'search', 'Channel of its first event'],
    ['us', 'utm_source', 'string', 'news', 'Campaign source'],
    ['um', 'utm_medium', 'string', 'email', 'Campaign medium'],
    ['uc', 'utm_campaign', 'string', 'spring-sale', 'Campaign name'],
    ['gc', 'geo_country', 'string', 'FR', 'ISO 3166-1 alpha-2 code'],
    ['q', 'device_class', 'string', 'desktop', 'desktop, mobile, tablet, tv, bot or other'],
    ['b', 'browser', 'string', 'Firefox', 'Name of the browser'],
    ['k', 'os', 'string', 'Linux', 'Name of the operating system'],
  ),
  ...keyedColumnsFrom(
    'its events',
    ['j', 'is_bot', 'boolean', 'false', 'True when an event of it is of a crawler'],
    ['bo', 'bounced', 'boolean', 'false', 'True when the visitor left after one look'],
    ['en', 'engaged', 'boolean', 'true', 'The opposite of bounced: 10 s or longer, two pages, or money'],
    ['re', 'revenue', 'double', '59.8', 'Money of its orders', 'sum over orders, in the currency they name'],
  ),
  ...keyedColumnsFrom(
    'aggregate: the clock of the lane',
    [
      'la',
      'late',
      'boolean',
      'false',
      'True when it was opened after its visitor’s session at that time had closed',
    ],
    [
      'ab',
      'absorbed_ids',
      'array<string>',
      '[Zm9vYmFyLXNlc3Npb24tMQ]',
      'Ids of the sessions that were merged into it',
    ],
    [
      'ar',
      'last_arrival',
      'timestamp',
      '2026-11-21 04:17:41.003',
      'Kinesis arrival time of the last of its events to arrive',
    ],
  ),
]

export const sessionKeys = keysOf(sessionColumns)
