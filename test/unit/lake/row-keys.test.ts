import fc from 'fast-check'
import * as Type from 'typebox'
import { describe, expect, it } from 'vitest'
import { plan } from '../../../analytics/plan/plan.ts'
import { eventKeys } from '../../../shared/core/lake/event-columns.ts'
import { sessionKeys } from '../../../shared/core/lake/session-columns.ts'
import { eventsTable, lakeTables } from '../../../shared/core/lake/tables.ts'
import { defineEvent } from '../../../shared/core/plan/event-spec.ts'
import { propertyColumnName } from '../../../shared/core/plan/property-columns.ts'

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

  it('are one or two small letters, but for columns of the plan', () => {
    const keys = [...Object.values(eventKeys), ...Object.values(sessionKeys)]
    expect(keys.filter((key) => !/^[a-z]{1,2}$/.test(key))).toEqual([])
  })

  it('of columns of the plan are what comes behind "properties" in their names', () => {
    const ofPlan = events.columns.filter(({ name }) => name.startsWith('properties_'))
    expect(ofPlan.length).toBeGreaterThan(0)
    for (const { key, name } of ofPlan) expect(`properties${key}`).toBe(name)
  })

  it('stay when other events come to the plan or go, whatever those are called', () => {
    const names = ['price', 'PRICE', 'o', 'origin', '_', '', 'é', 'a.b', '__proto__', 'constructor']
    const property = fc.oneof(fc.constantFrom(...names), fc.string())
    const plans = fc
      .uniqueArray(property, { minLength: 1, selector: propertyColumnName })
      .chain((all) => fc.tuple(fc.constant(all), fc.shuffledSubarray(all)))
    fc.assert(
      fc.property(plans, ([all, some]) => {
        const larger = keysWith(all)
        expect(new Set(larger.values()).size).toBe(larger.size)
        for (const [name, key] of keysWith(some)) expect([name, key]).toEqual([name, larger.get(name)])
      }),
    )
  })
})

/** Of the table of events, in small letters as the SerDe has them, when its plan has these properties. */
const keysWith = (properties: readonly string[]): ReadonlyMap<string, string | undefined> => {
  const shape = Object.fromEntries(properties.map((name) => [name, Type.String()]))
  const spec = defineEvent({ name: 'E', version: '1.0.0', description: 'E', properties: Type.Object(shape) })
  return new Map(eventsTable([spec]).columns.map(({ name, key }) => [name, key?.toLowerCase()]))
}
