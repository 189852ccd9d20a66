import type { LatestChange } from '../latest/change.ts'
import type { LaneItem } from './lane-item.ts'
import type { PaneItem } from './pane-item.ts'

/** On which condition an item replaces what is stored, in DynamoDB's words. */
export type PutCondition = {
  readonly expression: string
  readonly names: Readonly<Record<string, string>>
  readonly numbers: Readonly<Record<string, number>>
  readonly texts: Readonly<Record<string, string>>
}

//  stored            absent      older        same version           newer
//  pane              put         put          keep                   keep
//  lane              put         put          put if clock is later  keep
//  latest value      put         put          keep                   keep      by order, not by version
const isAbsent = 'attribute_not_exists(pk)'
const isOlder = '#version < :version'
const hasEarlierClock = '(#version = :version AND (attribute_not_exists(#clock) OR #clock < :clock))'
const isOlderInOrder = '#order < :order'

export const paneCondition = ({ version }: Pick<PaneItem, 'version'>): PutCondition => ({
  expression: `${isAbsent} OR ${isOlder}`,
  names: { '#version': 'version' },
  numbers: { ':version': version },
  texts: {},
})

export const laneCondition = ({ version, clock }: Pick<LaneItem, 'version' | 'clock'>): PutCondition =>
  clock === undefined
    ? paneCondition({ version })
    : {
        expression: [isAbsent, isOlder, hasEarlierClock].join(' OR '),
        names: { '#version': 'version', '#clock': 'clock' },
        numbers: { ':version': version, ':clock': clock },
        texts: {},
      }

export const latestCondition = ({ order }: Pick<LatestChange, 'order'>): PutCondition => ({
  expression: `${isAbsent} OR ${isOlderInOrder}`,
  names: { '#order': 'order' },
  numbers: {},
  texts: { ':order': order },
})
