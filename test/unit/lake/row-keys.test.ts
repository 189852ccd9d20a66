import { describe, expect, it } from 'vitest'
import { plan } from '../../../analytics/plan/plan.ts'
import { eventKeys } from '../../../shared/core/lake/event-columns.ts'
import { sessionKeys } from '../../../shared/core/lake/session-columns.ts'
import { lakeTables } from '../../../shared/core/lake/tables.ts'

const { events, sessions } = lakeTables(plan)

/** Rows with these keys may be under way: a line here is never changed, and a key of it never given to another column. */
const inUse = {
  origin: 'o',
  event_id: 'i',
  event: 'e',
  type: 't',
  visitor: 'v',
  anonymous_id: 'a',
  user_id: 'u',
  session_id: 's',
  event_time: 'h',
  received_at: 'r',
  sent_at: 'n',
  original_timestamp: 'y',
  flags: 'fl',
  page_url: 'l',
  page_host: 'd',
  page_path: 'p',
  page_query: 'pq',
  page_title: 'pt',
  referrer: 'f',
  referrer_host: 'g',
  referrer_medium: 'm',
  channel: 'c',
  utm_source: 'us',
  utm_medium: 'um',
  utm_campaign: 'uc',
  utm_term: 'ut',
  utm_content: 'un',
  click_id: 'ci',
  click_id_type: 'ct',
  user_agent: 'w',
  browser: 'b',
  browser_version: 'x',
  os: 'k',
  os_version: 'z',
  device_class: 'q',
  is_bot: 'j',
  geo_country: 'gc',
  locale: 'lo',
  timezone: 'tz',
  library_name: 'ln',
  library_version: 'lv',
  group_id: 'gi',
  previous_id: 'pi',
  properties: 'pr',
  traits: 'tr',
  context: 'cx',
  payload_key: 'pk',
}
const inUseOfSessions = {
  session_id: 's',
  visitor: 'v',
  anonymous_id: 'a',
  user_id: 'u',
  started_at: 'sa',
  ended_at: 'ea',
  duration_ms: 'dm',
  events: 'ev',
  page_views: 'pv',
  entry_page: 'ep',
  exit_page: 'xp',
  referrer_host: 'g',
  channel: 'c',
  utm_source: 'us',
  utm_medium: 'um',
  utm_campaign: 'uc',
  geo_country: 'gc',
  device_class: 'q',
  browser: 'b',
  os: 'k',
  is_bot: 'j',
  bounced: 'bo',
  engaged: 'en',
  revenue: 're',
  late: 'la',
  absorbed_ids: 'ab',
  last_arrival: 'ar',
}

describe('the keys of rows', () => {
  it('are those that rows under way have', () => {
    expect(eventKeys).toMatchObject(inUse)
    expect(sessionKeys).toMatchObject(inUseOfSessions)
  })

  it.each([events, sessions])(
    'tell the columns of $name apart, to whom capitals and small letters are one',
    ({ columns }) => {
      const keys = columns.map(({ key, name }) => (key ?? name).toLowerCase())
      expect(new Set(keys).size).toBe(columns.length)
    },
  )

  it('mean one column in both tables, and are not the name of another', () => {
    const columns = [...events.columns, ...sessions.columns]
    const names = new Set(columns.map(({ name }) => name))
    const columnOf = new Map(columns.map(({ key, name }) => [key ?? name, name]))
    for (const { key, name } of columns) {
      if (key === undefined) continue
      expect([key, columnOf.get(key)]).toEqual([key, name])
      expect([key, names.has(key)]).toEqual([key, false])
    }
  })

  it('are one or two small letters', () => {
    const keys = [...Object.values(eventKeys), ...Object.values(sessionKeys)]
    expect(keys.filter((key) => !/^[a-z]{1,2}$/.test(key))).toEqual([])
  })

  it('are no keys for columns of the plan, which come and go with it', () => {
    const ofPlan = events.columns.filter(({ name }) => name.startsWith('properties_'))
    expect(ofPlan.length).toBeGreaterThan(0)
    expect(ofPlan.filter(({ key }) => key !== undefined)).toEqual([])
  })
})
