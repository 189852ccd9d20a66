import { describe, expect, it } from 'vitest'
import { joinRows } from '../../../shared/core/lake/firehose-records.ts'
import { tables } from '../../../shared/core/lake/tables.ts'
import { type OpenSession, openSession } from '../../../shared/core/session/session.ts'
import {
  engagedAfterMs,
  maxAbsorbedIds,
  sessionFields,
  sessionRow,
} from '../../../shared/core/session/session-row.ts'
import { dawn, noFacts, laneSettings as settings } from '../../support/lane-events.ts'

const session = (changes: Partial<OpenSession> = {}): OpenSession => ({
  ...openSession(
    { eventTime: dawn, receivedAt: dawn + 2_000, key: 'k', facts: noFacts, revenue: '0' },
    { id: 's-1', order: 1, late: false },
    settings,
  ),
  ...changes,
})
const text = (of: string) => ({ time: dawn, key: 'k', text: of })

describe('sessionRow', () => {
  it('fits into a Firehose record, however many sessions it absorbed', () => {
    const id = (n: number) => String(n).padStart(22, 'x')
    const absorbedIds = Array.from({ length: 3 * maxAbsorbedIds }, (_, n) => id(n))
    const row = sessionRow('a:shared', session({ absorbedIds }))
    expect(row.absorbed_ids).toEqual(absorbedIds.slice(0, maxAbsorbedIds))
    expect(joinRows([Buffer.from(JSON.stringify(row))])).toHaveLength(1)
  })

  it('says all that is known of a session, in the columns of the table', () => {
    const facts = {
      referrerHost: 'search.example',
      channel: 'search',
      utmSource: 'news',
      utmMedium: 'mail',
      utmCampaign: 'autumn',
      country: 'DE',
      deviceClass: 'mobile',
      browser: 'Firefox',
      os: 'Android',
    }
    const row = sessionRow(
      'a:anna',
      session({
        end: dawn + 61_500,
        events: 5,
        pageViews: 3,
        revenue: '12340000',
        isBot: true,
        late: true,
        first: { time: dawn, key: 'k', facts },
        anonymousId: text('anna'),
        userId: text('u-1'),
        entryPage: text('/'),
        exitPage: text('/thanks'),
        absorbedIds: ['s-2', 's-3'],
      }),
    )
    expect(row).toEqual({
      session_id: 's-1',
      visitor: 'a:anna',
      anonymous_id: 'anna',
      user_id: 'u-1',
      started_at: '2026-11-20 00:00:00.000',
      ended_at: '2026-11-20 00:01:01.500',
      duration_ms: 61_500,
      events: 5,
      page_views: 3,
      entry_page: '/',
      exit_page: '/thanks',
      referrer_host: 'search.example',
      channel: 'search',
      utm_source: 'news',
      utm_medium: 'mail',
      utm_campaign: 'autumn',
      geo_country: 'DE',
      device_class: 'mobile',
      browser: 'Firefox',
      os: 'Android',
      is_bot: true,
      bounced: false,
      engaged: true,
      revenue: 12.34,
      late: true,
      absorbed_ids: ['s-2', 's-3'],
      last_arrival: '2026-11-20 00:00:02.000',
    })
    expect(Object.keys(row).toSorted()).toEqual(tables.sessions.columns.map(({ name }) => name).toSorted())
  })

  it('leaves out what is not known, and keeps zeros, falses and the empty list', () => {
    expect(sessionRow('a:anna', session())).toEqual({
      session_id: 's-1',
      visitor: 'a:anna',
      started_at: '2026-11-20 00:00:00.000',
      ended_at: '2026-11-20 00:00:00.000',
      duration_ms: 0,
      events: 1,
      page_views: 0,
      is_bot: false,
      bounced: true,
      engaged: false,
      revenue: 0,
      late: false,
      absorbed_ids: [],
      last_arrival: '2026-11-20 00:00:02.000',
    })
  })

  it.each([
    ['a session just too short', { end: dawn + engagedAfterMs - 1 }, false],
    ['one just long enough', { end: dawn + engagedAfterMs }, true],
    ['one page', { pageViews: 1 }, false],
    ['two pages', { pageViews: 2 }, true],
    ['the least money', { revenue: '1' }, true],
    ['money that went back', { revenue: '-1' }, false],
  ])('judges %s: engaged or bounced, and never both', (_, changes, isEngaged) => {
    expect(sessionRow('a:anna', session(changes))).toMatchObject({ engaged: isEngaged, bounced: !isEngaged })
  })
})

describe('sessionFields', () => {
  it('finds columns by name, and nothing where there is no single value', () => {
    const fields = sessionFields(sessionRow('a:anna', session()))
    expect(['duration_ms', 'bounced', 'visitor'].map((path) => fields.get(path))).toEqual([0, true, 'a:anna'])
    expect(['absorbed_ids', 'channel', 'nothing'].map((path) => fields.get(path))).toEqual([
      undefined,
      undefined,
      undefined,
    ])
  })
})
