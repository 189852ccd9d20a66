import { type Column, columnsFrom } from './column.ts'

const visitorComment = 'a:anonymousId, else u:userId, else o:messageId or origin'

/** Columns of `events` that every event has, whatever the tracking plan says. */
export const eventColumns: readonly Column[] = [
  ...columnsFrom('Kinesis: place of the record in the raw stream', [
    'origin',
    'string',
    'shardId-000000000001:49648731…0562:3',
    'shard:sequence:index of this copy in the raw stream; one row per origin is the truth',
  ]),
  ...columnsFrom('client: messageId', [
    'event_id',
    'string',
    'ajs-9f2c41…',
    'Id the client gave (messageId), or the origin when it gave none',
  ]),
  ...columnsFrom(
    'client: type, event, name',
    [
      'event',
      'string',
      'Product Added',
      'Name of the event; Page Viewed and Screen Viewed for page and screen calls',
    ],
    ['type', 'string', 'track', 'track, page, screen, identify, group or alias'],
  ),
  ...columnsFrom(
    'client: anonymousId, userId',
    ['visitor', 'string', 'a:5e1c0f7a', visitorComment],
    ['anonymous_id', 'string', '5e1c0f7a', 'Id of the device or browser'],
    ['user_id', 'string', 'u-1001', 'Id of the signed-in user'],
  ),
  ...columnsFrom('aggregate: the session the event fell into', [
    'session_id',
    'string',
    'cGx1bS1kYXRhLXNlc3Npbw',
    'Session at the time the row was written; events_once has the final one',
  ]),
  ...columnsFrom('enrich: receivedAt − (sentAt − originalTimestamp), else timestamp, else receivedAt', [
    'event_time',
    'timestamp',
    '2026-11-21 04:05:06.789',
    'When it happened, the client clock corrected by receivedAt',
  ]),
  ...columnsFrom('Kinesis: approximate arrival timestamp', [
    'received_at',
    'timestamp',
    '2026-11-21 04:05:07.012',
    'Kinesis arrival time',
  ]),
  ...columnsFrom('client: sentAt', [
    'sent_at',
    'timestamp',
    '2026-11-21 04:05:06.990',
    'When the client sent it, by its own clock',
  ]),
  ...columnsFrom('client: originalTimestamp, timestamp', [
    'original_timestamp',
    'timestamp',
    '2026-11-21 04:05:06.767',
    'When it happened, by the clock of the client',
  ]),
  ...columnsFrom('enrich: what it had to correct or could not know', [
    'flags',
    'array<string>',
    '[clock_clamped, unplanned]',
    'What was odd about it: unplanned, clock_clamped, synthetic_id, …',
  ]),
  ...columnsFrom(
    'client: context.page',
    ['page_url', 'string', 'https://shop.example/p/42?utm_source=news', 'Address of the page'],
    ['page_host', 'string', 'shop.example', 'Host of the page'],
    ['page_path', 'string', '/p/42', 'Path of the page'],
    ['page_query', 'string', 'utm_source=news', 'Query of the page, without the question mark'],
    ['page_title', 'string', 'Blue shoes', 'Title of the page'],
    ['referrer', 'string', 'https://www.google.com/', 'Address the visitor came from'],
  ),
  ...columnsFrom(
    'enrich: referrer',
    ['referrer_host', 'string', 'www.google.com', 'Host of the referrer'],
    ['referrer_medium', 'string', 'search', 'direct, internal, search, social, email or referral'],
  ),
  ...columnsFrom('enrich: campaign and referrer', [
    'channel',
    'string',
    'paid_search',
    'direct, internal, search, paid_search, social, paid_social, email, display, affiliate, referral, campaign',
  ]),
  ...columnsFrom(
    'client: query of the page, or context.campaign',
    ['utm_source', 'string', 'news', 'Campaign source'],
    ['utm_medium', 'string', 'email', 'Campaign medium'],
    ['utm_campaign', 'string', 'spring-sale', 'Campaign name'],
    ['utm_term', 'string', 'shoes', 'Campaign term'],
    ['utm_content', 'string', 'banner-2', 'Campaign content'],
  ),
  ...columnsFrom(
    'client: query of the page',
    ['click_id', 'string', 'EAIaIQobChMI', 'Click id an ad network added to the address'],
    ['click_id_type', 'string', 'gclid', 'Name of its parameter: gclid, fbclid, msclkid, …'],
  ),
  ...columnsFrom('client: context.userAgent, or the header of the request', [
    'user_agent',
    'string',
    'Mozilla/5.0 (X11; Linux x86_64) …',
    'User agent, cut at 1,024 characters',
  ]),
  ...columnsFrom(
    'enrich: user agent',
    ['browser', 'string', 'Firefox', 'Name of the browser'],
    ['browser_version', 'string', '144.0', 'Version of the browser'],
    ['os', 'string', 'Linux', 'Name of the operating system'],
    ['os_version', 'string', '14.6', 'Version of the operating system'],
    ['device_class', 'string', 'desktop', 'desktop, mobile, tablet, tv, bot or other'],
    ['is_bot', 'boolean', 'false', 'True when the user agent names a crawler'],
  ),
  ...columnsFrom('enrich: IP address, looked up in DB-IP', [
    'geo_country',
    'string',
    'FR',
    'ISO 3166-1 alpha-2 code by the address, which itself is not kept',
  ]),
  ...columnsFrom(
    'client: context',
    ['locale', 'string', 'fr-FR', 'Language and region, en-US'],
    ['timezone', 'string', 'Europe/Paris', 'Time zone of the client, Europe/Berlin'],
    ['library_name', 'string', 'analytics.js', 'Client library'],
    ['library_version', 'string', '5.2.1', 'Version of the client library'],
  ),
  ...columnsFrom(
    'client: groupId, previousId',
    ['group_id', 'string', 'acme', 'Group of a group call'],
    ['previous_id', 'string', '5e1c0f7a', 'Earlier id of an alias call'],
  ),
  ...columnsFrom(
    'client: as sent',
    ['properties', 'string', '{"product_id":"42","price":19.9}', 'Properties as JSON'],
    ['traits', 'string', '{"plan":"pro"}', 'Traits as JSON'],
    [
      'context',
      'string',
      '{"screen":{"width":1280}}',
      'Context as JSON, without the IP address and the user agent',
    ],
  ),
  ...columnsFrom('enrich: where a row too large for its record was put', [
    'payload_key',
    'string',
    'overflow/shardId-000000000001:49648731…0562:3.json',
    'S3 key of the whole row, when it was too large for this place',
  ]),
]
