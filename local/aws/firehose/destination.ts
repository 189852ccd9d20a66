import { Input } from '../input.ts'
import { columnSql, type GlueColumn } from './columns.ts'
import type { Destination } from './delivery.ts'

const defaults = { intervalSeconds: 300, sizeMiB: 5, convertedSizeMiB: 128 }

/** Reads the properties of an AWS::KinesisFirehose::DeliveryStream; columns are those of its Glue table. */
export function destinationOf(properties: object, columns: readonly GlueColumn[] | undefined): Destination {
  const input = new Input(properties)
  const name = input.text('DeliveryStreamName')
  const s3 = input.object('ExtendedS3DestinationConfiguration')
  const hints = s3.optionalObject('BufferingHints')
  const format = s3.optionalObject('DataFormatConversionConfiguration')
  const isConverted = format !== undefined && (format.optionalFlag('Enabled') ?? true)
  const sizeMiB =
    hints?.optionalNumber('SizeInMBs') ?? (isConverted ? defaults.convertedSizeMiB : defaults.sizeMiB)
  const compression = s3.optionalText('CompressionFormat') === 'GZIP' ? 'GZIP' : 'UNCOMPRESSED'
  const extension = isConverted ? '.parquet' : compression === 'GZIP' ? '.gz' : ''
  return {
    name,
    bucket: s3.text('BucketARN').replace(/^arn:aws[a-z-]*:s3:::/, ''),
    prefix: s3.optionalText('Prefix') ?? '',
    errorOutputPrefix: s3.optionalText('ErrorOutputPrefix') ?? '!{firehose:error-output-type}/',
    intervalMs: (hints?.optionalNumber('IntervalInSeconds') ?? defaults.intervalSeconds) * 1000,
    maxBufferBytes: sizeMiB * 1024 * 1024,
    compression,
    fileExtension: s3.optionalText('FileExtension') ?? extension,
    ...(isConverted && {
      conversion: { columns: checked(name, columns), compression: parquetCompression(format) },
    }),
  }
}

function checked(name: string, columns: readonly GlueColumn[] | undefined): readonly GlueColumn[] {
  if (!columns)
    throw new Error(`delivery stream ${name} converts to Parquet: declare it with its table's columns`)
  for (const column of columns) columnSql(column)
  return columns
}

function parquetCompression(format: Input): 'snappy' | 'zstd' | 'gzip' | 'uncompressed' {
  const serializer = format.optionalObject('OutputFormatConfiguration')?.optionalObject('Serializer')
  switch (serializer?.optionalObject('ParquetSerDe')?.optionalText('Compression')) {
    case 'GZIP':
      return 'gzip'
    case 'UNCOMPRESSED':
      return 'uncompressed'
    default:
      return 'snappy'
  }
}
