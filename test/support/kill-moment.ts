import { watch } from 'node:fs'
import { join } from 'node:path'
import { chance, integer, type Random } from '../../local/demo/random.ts'

/** Folders of the stack's data: each is written at another step of an event's way. */
const areas = [
  { folder: 'kinesis/weir-local-lanes', most: 60 },
  { folder: 'mappings', most: 20 },
  { folder: 'firehose', most: 40 },
  { folder: 'state', most: 60 },
  { folder: 'dynamodb', most: 400 },
  { folder: 'lake', most: 8 },
] as const

export type Moment =
  | {
      readonly after: 'writes'
      readonly folder: string
      readonly writes: number
      readonly delayMs: number
      /** Only once a lane has committed since the start: else it would never come far when starts are slow. */
      readonly afterCommit: boolean
    }
  | { readonly after: 'start'; readonly delayMs: number }

/** When to kill. One in eight falls into the start of the stack, the others right after a write under load. */
export function randomMoment(random: Random): Moment {
  if (integer(random, 1, 8) === 1) return { after: 'start', delayMs: integer(random, 200, 1_500) }
  const { folder, most } = areas[integer(random, 0, areas.length - 1)] ?? areas[0]
  return {
    after: 'writes',
    folder,
    writes: integer(random, 1, most),
    delayMs: integer(random, 0, 4),
    afterCommit: chance(random, 0.75),
  }
}

export const momentText = (moment: Moment): string =>
  moment.after === 'start'
    ? `${moment.delayMs} ms into the start`
    : `${moment.delayMs} ms after write ${moment.writes} in ${moment.folder}${moment.afterCommit ? ' after a commit' : ''}`

const patienceMs = 5_000

/** Resolves once that many writes were seen in the folder, or when patience ends. */
export function afterWrites(
  dataDir: string,
  moment: Moment & { after: 'writes' },
): Promise<{ readonly seen: number }> {
  return new Promise((resolve) => {
    let seen = 0
    const watcher = watch(join(dataDir, moment.folder), { recursive: true }, () => {
      if (++seen === moment.writes) setTimeout(end, moment.delayMs)
    })
    const timer = setTimeout(end, patienceMs)
    function end() {
      clearTimeout(timer)
      watcher.close()
      resolve({ seen })
    }
  })
}
