import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startDemo } from '../../local/demo/demo.ts'
import { seeded } from '../../local/demo/random.ts'
import { type Stack, startStack } from '../../local/stack/stack.ts'
import { browserPath, launchBrowser, type Watched, watchedPage } from '../support/browser.ts'

const projectDir = join(import.meta.dirname, '../..')
const maxWeightBytes = 120_000
const patient = { timeout: 30_000 }

if (browserPath === undefined) {
  console.warn('test/e2e/page.test.ts is skipped: no browser is installed (apt-get install chromium)')
}

describe.skipIf(browserPath === undefined)('the page, in a browser', { timeout: 60_000 }, () => {
  let dataDir: string
  let stack: Stack
  let browser: Browser
  let context: BrowserContext
  let watched: Watched
  let page: Page

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'weir-page-'))
    const buildDir = join(projectDir, '.weir/build')
    stack = await startStack({ projectDir, dataDir, port: 0, awsPort: 0, buildDir })
    browser = await launchBrowser()
  }, 60_000)

  afterAll(async () => {
    await browser?.close()
    await stack?.stop()
    await rm(dataDir, { recursive: true, force: true })
  }, 60_000)

  beforeEach(async () => {
    context = await browser.newContext({ viewport: { width: 1280, height: 900 } })
    watched = await watchedPage(context)
    page = watched.page
  })

  afterEach(() => context.close())

  /** Received, accepted, quarantined, duplicate, and the sum of the reasons, all of one update. */
  async function totals() {
    const text = await page.locator('main').innerText()
    const after = (word: string) =>
      Number(new RegExp(`^${word}\\s+([\\d,]+)`, 'm').exec(text)?.[1]?.replaceAll(',', ''))
    const reasons = /Quarantined, by reason([\s\S]*?)Events by name/.exec(text)?.[1] ?? ''
    const counts = [...reasons.matchAll(/^([\d,]+)$/gm)].map(([, count = '']) =>
      Number(count.replaceAll(',', '')),
    )
    return {
      received: after('Received'),
      accepted: after('Accepted'),
      quarantined: after('Quarantined'),
      duplicate: after('Duplicate'),
      reasons: counts.reduce((sum, count) => sum + count, 0),
    }
  }

  const isLive = () => page.locator('body[data-state=live]').waitFor(patient)

  it('says how to send the first event, then moves, adds up and agrees with the API', async () => {
    await page.goto(stack.url)
    await page.getByRole('heading', { name: 'Send the first event' }).waitFor(patient)
    await expect(page.locator('#start').innerText()).resolves.toContain(`${stack.url}/v1/track`)
    expect(await totals()).toEqual({ received: 0, accepted: 0, quarantined: 0, duplicate: 0, reasons: 0 })

    const demo = startDemo({ url: stack.url, writeKey: 'local', random: seeded(1), eventsPerSecond: 60 })
    try {
      await expect.poll(async () => (await totals()).received, patient).toBeGreaterThan(0)
      const { received: before } = await totals()
      await expect.poll(async () => (await totals()).received, patient).toBeGreaterThan(before)
      await expect.poll(async () => (await totals()).duplicate, patient).toBeGreaterThan(0)
      await expect.poll(async () => (await totals()).quarantined, patient).toBeGreaterThan(0)
    } finally {
      await demo.stop()
    }
    await expect.poll(async () => (await totals()).received, patient).toBeGreaterThanOrEqual(demo.sent())
    const { received, accepted, quarantined, duplicate, reasons } = await totals()
    expect(accepted + quarantined + duplicate).toBe(received)
    expect(reasons).toBe(quarantined)
    expect(await page.locator('#start').isVisible()).toBe(false)
    expect(await receivedByApi()).toBe(received)
  })

  async function receivedByApi(): Promise<number> {
    const response = await fetch(new URL('/v1/metrics/account?grain=1h&by=', stack.url))
    const answer = (await response.json()) as { windows: { cells: { value: number }[] }[] }
    return answer.windows.flatMap(({ cells }) => cells).reduce((sum, { value }) => sum + value, 0)
  }

  it('draws its charts, complains of nothing, is small and asks nobody but its own server', async () => {
    await page.goto(stack.url)
    await isLive()
    await page.locator('#page-views:not(.empty) canvas').waitFor(patient)
    await page.locator('#events:not(.empty) canvas').waitFor(patient)
    await page.locator('#countries li').first().waitFor(patient)
    expect(await page.locator('#page-views .plot').getAttribute('aria-label')).toMatch(
      /^Page views per minute: [\d,]+$/,
    )
    expect(watched.complaints).toEqual([])
    const elsewhere = watched.requests.filter(
      (url) => !url.startsWith(`${stack.url}/`) && !url.startsWith('data:'),
    )
    expect(elsewhere).toEqual([])
    const weightBytes = [...watched.weights.values()].reduce((sum, bytes) => sum + bytes, 0)
    expect([...watched.weights.keys()]).toContain('/vendor/uPlot.iife.min.js')
    expect(weightBytes).toBeLessThan(maxWeightBytes)
  })

  it('runs a named query, shows a table and a chart of it, and saves it', async () => {
    await page.goto(stack.url)
    const section = page.getByRole('region', { name: 'Queries of the lake' })
    const rows = section.getByRole('row')
    const status = section.getByRole('status')
    const run = async (query: string) => {
      await section.getByLabel('query', { exact: true }).selectOption(query)
      await section.getByLabel('limit').fill('3')
      await page.keyboard.press('Enter')
      await status.filter({ hasText: /scanned/ }).waitFor(patient)
    }
    await section.locator('option', { hasText: 'top-pages' }).waitFor({ ...patient, state: 'attached' })
    // The files of the lake come some time after the events.
    await expect.poll(() => run('top-pages').then(() => rows.count()), patient).toBe(1 + 3)
    const cells = await rows.nth(1).getByRole('cell').allInnerTexts()
    const bars = section.locator('.bars li')
    expect(await bars.count()).toBe(3)
    expect(await bars.first().innerText()).toMatch(new RegExp(`^${cells[0]}\\s+${cells[1]}$`))
    const [download] = await Promise.all([page.waitForEvent('download'), section.getByText('CSV').click()])
    expect(download.suggestedFilename()).toBe('top-pages.csv')
    const saved = await text(await download.createReadStream())
    expect(saved.split('\r\n').slice(0, 2)).toEqual([
      'page,views,share,people,views_per_person',
      cells.join(','),
    ])

    await page.route('**/v1/queries/events-by-hour?*', (route) => route.fulfill({ json: twoHours }))
    await section.getByLabel('query', { exact: true }).selectOption('events-by-hour')
    await section.getByRole('button', { name: 'Run' }).click()
    await section.getByRole('img', { name: 'events over time: 2 points, 1 line' }).waitFor(patient)
    await section.locator('canvas').waitFor(patient)
    expect(await rows.nth(1).getByRole('cell').allInnerTexts()).toEqual(['2026-11-21 11:00:00', '<i>a', '1'])
    expect(watched.complaints).toEqual([])

    await page.unroute('**/v1/queries/events-by-hour?*')
    await section.getByLabel('from').fill('yesterday')
    await page.keyboard.press('Enter')
    const problem = section.getByRole('alert').filter({ hasText: 'from takes a UTC time' })
    await problem.waitFor(patient)
    expect(await section.getByRole('table').isVisible()).toBe(false)
  })

  /** The demo's events are of now, mostly of one hour. */
  const twoHours = {
    name: 'events-by-hour',
    columns: [
      { name: 'hour', type: 'timestamp' },
      { name: 'event', type: 'varchar' },
      { name: 'events', type: 'bigint' },
    ],
    rows: [
      ['2026-11-21T11:00:00.000Z', '<i>a', 1],
      ['2026-11-21T12:00:00.000Z', '<i>a', 2],
    ],
    truncated: false,
    scannedBytes: 1,
    elapsedMs: 1,
  }

  it('switches its range by the keyboard', async () => {
    await page.goto(stack.url)
    await isLive()
    await page.getByRole('radio', { name: '1 h' }).focus()
    await page.keyboard.press('ArrowRight')
    await page.locator('#page-views .grain', { hasText: 'per hour' }).waitFor(patient)
    await page.keyboard.press('ArrowRight')
    await page.locator('#page-views .grain', { hasText: 'per day' }).waitFor(patient)
    expect(watched.complaints).toEqual([])
  })

  it('says so when the API does not answer, keeps what it knew, and comes back by itself', async () => {
    await page.goto(stack.url)
    await isLive()
    const { received } = await totals()
    await page.route('**/v1/**', (route) => route.fulfill({ status: 503, body: '{}' }))
    await page.locator('#down').waitFor(patient)
    expect((await totals()).received).toBe(received)
    await page.unroute('**/v1/**')
    await isLive()
    expect(await page.locator('#down').isVisible()).toBe(false)
  })

  it('asks for nothing while it is hidden, and goes on when it is seen again', async () => {
    await page.clock.install()
    await page.goto(stack.url)
    await isLive()
    await page.evaluate(setHidden(true))
    await page.locator('body[data-state=paused]').waitFor(patient)
    const asked = watched.requests.length
    await page.clock.runFor(10 * 60_000)
    expect(watched.requests.length).toBe(asked)
    await page.evaluate(setHidden(false))
    await isLive()
    expect(watched.requests.length).toBeGreaterThan(asked)
  })

  const setHidden = (hidden: boolean) => `
    Object.defineProperty(document, 'hidden', { value: ${hidden}, configurable: true })
    document.dispatchEvent(new Event('visibilitychange'))`

  it('fits a telephone without scrolling sideways', async () => {
    await page.setViewportSize({ width: 390, height: 844 })
    await page.goto(stack.url)
    await isLive()
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(390)
  })
})
