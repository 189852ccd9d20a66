import type { Athena } from '../../shared/aws/athena.ts'
import type { LakeReader } from './lake-reader.ts'

/** The lake of a stage, read by Athena. */
export const athenaLake = (athena: Athena): LakeReader => ({
  stream: (sql) => athena.stream(sql),
  async count(sql) {
    const { rows } = await athena.run(sql)
    return Number(rows[0]?.[0] ?? 0)
  },
  close() {},
})
