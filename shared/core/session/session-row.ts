import type { MetricFields } from '../event/outcome.ts'
import { formatTimestamp } from '../event/timestamp.ts'
import type { OpenSession } from './session.ts'

/** GA4's rule, without its "key events": longer than this, or two pages, or money. */
export const engagedAfterMs = 10_000

/**
 * Half a Firehose record, 25 bytes each. No person bridges so many sessions within an hour; an import under one name might,
 * and a row that no record takes would stop its lane. Events of those left out keep the id that they were sent with.
 */
export const maxAbsorbedIds = 20_000

export type SessionRow = Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>

/** The columns of the table `sessions` for a closed session; absent values are undefined, which JSON leaves out. */
export const sessionRow = (visitor: string, session: OpenSession): SessionRow => {
  const durationMs = session.end - session.start
  const revenue = Number(session.revenue) / 1e6
  const engaged = durationMs >= engagedAfterMs || session.pageViews >= 2 || revenue > 0
  const { facts } = session.first
  return {
    session_id: session.id,
    visitor,
    anonymous_id: known(session.anonymousId?.text),
    user_id: known(session.userId?.text),
    started_at: formatTimestamp(session.start),
    ended_at: formatTimestamp(session.end),
    duration_ms: durationMs,
    events: session.events,
    page_views: session.pageViews,
    entry_page: known(session.entryPage?.text),
    exit_page: known(session.exitPage?.text),
    referrer_host: known(facts.referrerHost),
    channel: known(facts.channel),
    utm_source: known(facts.utmSource),
    utm_medium: known(facts.utmMedium),
    utm_campaign: known(facts.utmCampaign),
    geo_country: known(facts.country),
    device_class: known(facts.deviceClass),
    browser: known(facts.browser),
    os: known(facts.os),
    is_bot: session.isBot,
    bounced: !engaged,
    engaged,
    revenue,
    late: session.late,
    absorbed_ids: session.absorbedIds.slice(0, maxAbsorbedIds),
    last_arrival: formatTimestamp(session.lastArrival),
  }
}

const known = (text: string | undefined): string | undefined => (text === '' ? undefined : text)

/** Metrics of sessions name their fields by column. */
export const sessionFields = (row: SessionRow): MetricFields => ({
  get: (path) => {
    const value = row[path]
    return typeof value === 'object' ? undefined : value
  },
})
