import { cached } from '../enrichment/bounded-cache.ts'
import { type CellKey, cellDims, cellKey } from './pane.ts'

const noneName = '(none)'
const totalName = 'all'

/** How a cell is called in the DynamoDB console: `FR|paid`; `(none)` where the event has no value; `all` without dimensions. */
export const cellName: (key: CellKey) => string = cached(20_000, (key) => {
  const dims = cellDims(key)
  return dims.length === 0 ? totalName : dims.map(escapeDimension).join('|')
})

/** Inverse of `cellName`. */
export const cellNameToKey = (name: string, dimensionCount: number): CellKey =>
  cellKey(dimensionCount === 0 ? [] : name.split(unescapedBar).map(unescapeDimension))

const unescapedBar = /(?<=(?:^|[^\\])(?:\\\\)*)\|/

const escapeDimension = (text: string): string => {
  if (text === '') return noneName
  // A map with the key __proto__ does not survive being a JavaScript object on its way.
  if (text === noneName || text === '__proto__') return `\\${text}`
  return text.replace(/[\\|]/g, '\\$&')
}

const unescapeDimension = (text: string): string => (text === noneName ? '' : text.replace(/\\(.)/gs, '$1'))
