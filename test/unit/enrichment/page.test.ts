import { describe, expect, it } from 'vitest'
import { pageOf, urlParts } from '../../../shared/core/enrichment/page.ts'
import { type Envelope, readEnvelope } from '../../../shared/core/event/envelope.ts'

const envelope = (event: Readonly<Record<string, unknown>>): Envelope => {
  const read = readEnvelope(event)
  if (!read.ok) throw new Error(JSON.stringify(read.reasons))
  return read.envelope
}

describe('urlParts', () => {
  it.each([
    ['https://a.example:8080/x/y?q=1#h', 'a.example', '/x/y', 'q=1'],
    ['/x?q=1#h', '', '/x', 'q=1'],
    ['/x', '', '/x', ''],
    ['//a.example/x', '', '', ''],
    ['nonsense', '', '', ''],
    ['http://', '', '', ''],
    ['', '', '', ''],
  ])('of %j', (url, host, path, query) => {
    expect(urlParts(url)).toEqual({ host, path, query })
  })
})

describe('pageOf', () => {
  const context = {
    page: { url: 'https://c.example/c?x=1', path: '/c', title: 'C', referrer: 'https://r.example/' },
  }
  const properties = { url: 'https://p.example/p', path: '/p', title: 'P' }

  it('believes the properties of a page call first', () => {
    const page = pageOf(envelope({ type: 'page', properties, context }))
    expect(page).toEqual({
      url: 'https://p.example/p',
      host: 'p.example',
      path: '/p',
      query: '',
      title: 'P',
      referrer: 'https://r.example/',
    })
  })

  it('reads nothing into the properties of another call', () => {
    const page = pageOf(envelope({ type: 'track', event: 'Clicked', properties, context }))
    expect(page).toMatchObject({ host: 'c.example', path: '/c', query: 'x=1', title: 'C' })
  })

  it('takes the name of the call for want of a title, and search for want of a query', () => {
    const page = pageOf(envelope({ type: 'page', name: 'Home', properties: { path: '/', search: '?a=b' } }))
    expect(page).toMatchObject({ path: '/', title: 'Home', query: 'a=b' })
  })
})
