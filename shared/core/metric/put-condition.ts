import type { LaneItem } from './lane-item.ts'
import type { PaneItem } from './pane-item.ts'

/** On which condition an item replaces what is stored, in DynamoDB's words; all its values are numbers. */
export type PutCondition = {
  readonly expression: string
  readonly names: Readonly<Record<string, string>>
  readonly numbers: Readonly<Record<string, number>>
}

//  stored            absent      older        same version           newer
//  pane              put         put          keep                   keep
//  lane              put         put          put if clock is later  keep
const isAbsent = 'attribute_not_exists(pk)'
const isOlder = '#version < :version'
const hasEarlierClock = '(#version = :version AND (attribute_not_exists(#clock) OR #clock < :clock))'

export const paneCondition = ({ version }: Pick<PaneItem, 'version'>): PutCondition => ({
  expression: `${isAbsent} OR ${isOlder}`,
  names: { '#version': 'version' },
  numbers: { ':version': version },
})

export const laneCondition = ({ version, clock }: Pick<LaneItem, 'version' | 'clock'>): PutCondition =>
  clock === undefined
    ? paneCondition({ version })
    : {
        expression: [isAbsent, isOlder, hasEarlierClock].join(' OR '),
        names: { '#version': 'version', '#clock': 'clock' },
        numbers: { ':version': version, ':clock': clock },
      }
