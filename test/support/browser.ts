import { existsSync } from 'node:fs'
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'

const executablePaths = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

/** Where a browser is installed; undefined where there is none, and tests of the page skip. */
export const browserPath = executablePaths.find((path) => existsSync(path))

/** A browser that keeps to itself: none of its own services may look like a request of the page. */
const quietFlags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

export function launchBrowser(): Promise<Browser> {
  if (browserPath === undefined) throw new Error('no browser is installed; install Debian’s chromium')
  return chromium.launch({ executablePath: browserPath, headless: true, args: quietFlags })
}

export type Watched = {
  readonly page: Page
  /** Addresses that the page asked for. */
  readonly requests: string[]
  /** Bytes of each answer's body, by address without its query, of what is not data. */
  readonly weights: Map<string, number>
  /** Whatever the console called an error or a warning, and every exception nobody caught. */
  readonly complaints: string[]
}

/** A page that writes down what it asks for and what it complains of. */
export async function watchedPage(context: BrowserContext): Promise<Watched> {
  const page = await context.newPage()
  const watched: Watched = { page, requests: [], weights: new Map(), complaints: [] }
  page.on('request', (request) => watched.requests.push(request.url()))
  page.on('response', async (response) => {
    const url = new URL(response.url())
    if (url.protocol !== 'http:' || url.pathname.startsWith('/v1/')) return
    const body = await response.body().catch(() => Buffer.alloc(0))
    watched.weights.set(url.pathname, body.length)
  })
  page.on('pageerror', (error) => watched.complaints.push(error.message))
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') watched.complaints.push(message.text())
  })
  return watched
}
