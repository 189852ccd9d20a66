import { describe, expect, it } from 'vitest'
import { betweenMarkers } from '../../bench/between-markers.ts'

const page = `# Performance

<!-- bench: passes -->

old

<!-- end of bench: passes -->

Prose.

<!-- bench: steps -->
<!-- end of bench: steps -->
`

describe('writing between markers', () => {
  it('replaces what stands between those of the name, and nothing else', () => {
    const written = betweenMarkers(page, 'passes', '| new |\n')
    expect(written).toBe(page.replace('old', '| new |'))
  })

  it('fills an empty place', () => {
    expect(betweenMarkers(page, 'steps', 'table')).toContain(
      '<!-- bench: steps -->\n\ntable\n\n<!-- end of bench: steps -->\n',
    )
  })

  it('changes nothing when the same is written again', () => {
    const once = betweenMarkers(page, 'steps', 'table')
    expect(betweenMarkers(once, 'steps', 'table')).toBe(once)
  })

  it('takes content as it is, dollar signs included', () => {
    expect(betweenMarkers(page, 'passes', "$& $1 $'")).toContain("\n$& $1 $'\n")
  })

  it.each([
    ['without its place', '# Performance\n'],
    ['with a beginning and no end', '<!-- bench: passes -->\n'],
    ['with the end first', '<!-- end of bench: passes -->\n<!-- bench: passes -->\n'],
    ['with two of them', `${page}${page}`],
  ])('refuses a page %s', (_, text) => {
    expect(() => betweenMarkers(text, 'passes', 'table')).toThrow('passes')
  })
})
