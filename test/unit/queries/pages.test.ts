import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openQueryTables, type QueryTables, type Row } from '../../support/query-tables.ts'

let tables: QueryTables
beforeAll(async () => {
  tables = await openQueryTables()
})
afterAll(() => tables.close())

describe('top-pages', () => {
  const view = (page_path: string | null, person_id: string, more: Row = {}): Row => ({
    page_path,
    person_id,
    ...more,
  })

  it('counts views and people, of pages and screens, most seen first', async () => {
    await tables.fill({
      events: [
        view('/a', 'p'),
        view('/a', 'p'),
        view('/a', 'q', { event: 'Screen Viewed' }),
        view('/b', 'q'),
        view(null, 'q'),
        view('/a', 'q', { event: 'Product Viewed' }),
        view('/a', 'crawler', { is_bot: true }),
      ],
    })

    expect(await tables.runQuery('top-pages')).toEqual([
      { page: '/a', views: 3, share: 0.6, people: 2, views_per_person: 1.5 },
      { page: '(none)', views: 1, share: 0.2, people: 1, views_per_person: 1 },
      { page: '/b', views: 1, share: 0.2, people: 1, views_per_person: 1 },
    ])
    // The share is of all views, not of those shown.
    expect(await tables.runQuery('top-pages', { limit: '1', bots: 'with' })).toEqual([
      { page: '/a', views: 4, share: 0.6667, people: 3, views_per_person: 1.33 },
    ])
  })

  it.each([
    ['path', ['/a', '/b']],
    ['host', ['x.com', 'y.com']],
    ['url', ['https://x.com/a', 'https://y.com/a', 'https://y.com/b']],
    ['title', ['A', 'B']],
  ])('tells pages apart by %s', async (by, pages) => {
    const page = (host: string, path: string, title: string): Row => ({
      page_host: host,
      page_path: path,
      page_url: `https://${host}${path}`,
      page_title: title,
    })
    await tables.fill({
      events: [page('x.com', '/a', 'A'), page('y.com', '/a', 'A'), page('y.com', '/b', 'B')],
    })

    expect((await tables.runQuery('top-pages', { by })).map((row) => row.page).toSorted()).toEqual(pages)
  })

  it('takes views from `from` on and before `to`', async () => {
    const times = ['2026-11-01 23:59:59.999', '2026-11-02', '2026-11-02 23:59:59.999', '2026-11-03']
    await tables.fill({ events: times.map((event_time) => ({ page_path: event_time, event_time })) })

    expect(
      (await tables.runQuery('top-pages', { from: '2026-11-02', to: '2026-11-03' })).map((row) => row.page),
    ).toEqual(['2026-11-02', '2026-11-02 23:59:59.999'])
  })
})

describe('entries-exits', () => {
  const session = (entry_page: string | null, exit_page: string | null, more: Row = {}): Row => ({
    entry_page,
    exit_page,
    ...more,
  })

  it('counts where sessions begin, bounce and end', async () => {
    await tables.fill({
      sessions: [
        session('/', '/', { bounced: true }),
        session('/', '/pay', { bounced: false, revenue: 30 }),
        session('/', '/pay', { bounced: false }),
        session('/a', '/a', { bounced: true }),
        session(null, null, { bounced: true }),
        session('/', '/', { is_bot: true }),
      ],
    })

    expect(await tables.runQuery('entries-exits')).toEqual([
      // 3 of 5 sessions begin on it, 1 of 3 bounces, 30 / 3
      {
        page: '/',
        entries: 3,
        entry_share: 0.6,
        bounces: 1,
        bounce_rate: 0.3333,
        revenue_per_entry: 10,
        exits: 1,
        exit_share: 0.2,
      },
      {
        page: '(none)',
        entries: 1,
        entry_share: 0.2,
        bounces: 1,
        bounce_rate: 1,
        revenue_per_entry: 0,
        exits: 1,
        exit_share: 0.2,
      },
      {
        page: '/a',
        entries: 1,
        entry_share: 0.2,
        bounces: 1,
        bounce_rate: 1,
        revenue_per_entry: 0,
        exits: 1,
        exit_share: 0.2,
      },
      // Nobody begins on it.
      {
        page: '/pay',
        entries: 0,
        entry_share: 0,
        bounces: 0,
        bounce_rate: null,
        revenue_per_entry: null,
        exits: 2,
        exit_share: 0.4,
      },
    ])
  })

  it('sorts by what is asked for', async () => {
    await tables.fill({
      sessions: [
        session('/in', '/out', { bounced: false }),
        session('/in', '/out', { bounced: false }),
        session('/bounce', '/bounce', { bounced: true }),
      ],
    })

    const first = async (sort: string) =>
      (await tables.runQuery('entries-exits', { sort, limit: '1' }))[0]?.page
    expect(await first('entries')).toBe('/in')
    expect(await first('exits')).toBe('/out')
    expect(await first('bounces')).toBe('/bounce')
  })

  it('takes sessions that started from `from` on and before `to`', async () => {
    const times = ['2026-11-01 23:59:59.999', '2026-11-02', '2026-11-02 23:59:59.999', '2026-11-03']
    await tables.fill({ sessions: times.map((started_at) => session('/', '/', { started_at })) })

    expect(await tables.runQuery('entries-exits', { from: '2026-11-02', to: '2026-11-03' })).toMatchObject([
      { entries: 2, exits: 2 },
    ])
  })
})

describe('page-responses', () => {
  const answer = (page_path: string, status: number | null, bytes: number | null): Row => ({
    page_path,
    properties_status: status,
    properties_bytes: bytes,
  })

  it('counts errors and sizes of what an access log tells of, worst first', async () => {
    await tables.fill({
      events: [
        ...[200, 399, 400, 404].map((status) => answer('/a', status, 100)),
        ...[410, 499, 500, 599].map((status) => answer('/b', status, status)),
        answer('/a', 304, null),
        // A browser knows no status.
        answer('/a', null, null),
        { ...answer('/a', 500, 1), event: 'Product Viewed' },
        { ...answer('/a', 500, 1), event_time: '2026-11-02' },
      ],
    })

    expect(await tables.runQuery('page-responses', { to: '2026-11-02' })).toEqual([
      {
        page: '/b',
        requests: 4,
        not_found: 1,
        client_errors: 2,
        server_errors: 2,
        error_rate: 1,
        // (410 + 499 + 500 + 599) / 4
        mean_bytes: 502,
        max_bytes: 599,
      },
      {
        page: '/a',
        requests: 5,
        not_found: 1,
        client_errors: 2,
        server_errors: 0,
        error_rate: 0.4,
        mean_bytes: 100,
        max_bytes: 100,
      },
    ])
  })

  it('leaves crawlers out when asked to', async () => {
    await tables.fill({ events: [{ ...answer('/a', 200, 1), is_bot: true }, answer('/b', 200, 1)] })

    expect((await tables.runQuery('page-responses', { bots: 'without' })).map((row) => row.page)).toEqual([
      '/b',
    ])
    expect(await tables.runQuery('page-responses')).toHaveLength(2)
  })
})
