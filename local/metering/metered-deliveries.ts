import type { S3 } from '../aws/s3/s3.ts'
import type { Meter } from './meter.ts'

/** S3 for Firehose: the meter hears of the objects that it delivers. */
export function meteredDeliveries(s3: S3, meter: Meter): S3 {
  return {
    ...s3,
    async putFile(o) {
      const info = await s3.putFile(o)
      meter.deliveredByFirehose(o.bucket, info)
      return info
    },
    async putObject(bucket, key, bytes, condition) {
      const info = await s3.putObject(bucket, key, bytes, condition)
      meter.deliveredByFirehose(bucket, info)
      return info
    },
  }
}
