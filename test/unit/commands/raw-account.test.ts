import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openLake } from '../../../commands/lake/duckdb-lake.ts'
import { countRawArchive } from '../../../commands/reconcile/raw-account.ts'
import { signControl } from '../../../shared/core/event/control.ts'
import { rawRows } from '../../../shared/core/lake/raw-rows.ts'
import { sequence } from '../../support/lane-events.ts'
import { arrivalMs, delivered, pageCall, rawRecord } from '../../support/raw-records.ts'
import { LakeFixture } from './lake-fixture.ts'

const shard = rawRecord('').shardId
const shards = [{ id: shard, parents: [], open: true }]
const punctuation = (key: string) =>
  signControl({ weir: 'punctuation', shard, issuedAt: arrivalMs, shards }, key)

let lake: LakeFixture
beforeEach(() => {
  lake = new LakeFixture()
})
afterEach(() => lake.remove())

const countWith = async (keys: readonly string[]) => {
  const opened = await openLake(lake.folder)
  try {
    return [...(await countRawArchive(opened, keys))]
  } finally {
    opened.close()
  }
}

describe('countRawArchive', () => {
  it('leaves out punctuations from before and after a change of the key while it has both', async () => {
    const contents = [pageCall(), punctuation('old'), punctuation('new'), punctuation('guessed')]
    const records = contents.map((content, n) => ({ ...rawRecord(content), sequenceNumber: sequence(n) }))
    const { text } = rawRows(records.map(delivered))
    const rows = String(text)
      .trimEnd()
      .split('\n')
      .map((row) => JSON.parse(row))
    // The last record once more: Firehose delivers at least once.
    lake.gzipJson('raw', { partition: '2026-11-20/12', rows: [...rows, ...rows.slice(-1)] })
    const hours = [await countWith(['new', 'old']), await countWith(['new'])]
    expect(hours.map((hour) => hour.map(([, events]) => events))).toEqual([[2], [3]])
  })
})
