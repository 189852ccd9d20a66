import { Input } from '../input.ts'
import { columnSql, type DocumentColumn, type GlueColumn } from './columns.ts'
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
      conversion: {
        columns: documentColumns(name, format, columns),
        compression: parquetCompression(format),
      },
    }),
  }
}

function documentColumns(
  name: string,
  format: Input,
  columns: readonly GlueColumn[] | undefined,
): readonly DocumentColumn[] {
  if (!columns)
    throw new Error(`delivery stream ${name} converts to Parquet: declare it with its table's columns`)
  const keys = keyMappings(format)
  for (const mapped of keys.keys())
    if (!columns.some(({ Name }) => Name === mapped))
      throw new Error(`delivery stream ${name} maps ${mapped}, which is no column of its table`)
  const known = new Set<string>()
  return columns.map((column) => {
    const Key = keys.get(column.Name) ?? column.Name
    if (known.has(Key)) throw new Error(`delivery stream ${name} reads two columns from the key ${Key}`)
    known.add(Key)
    const documentColumn = { ...column, Key }
    columnSql(documentColumn)
    return documentColumn
  })
}

/** Column → key, in small letters, as the SerDe reads keys. What a document has under the name of a mapped column is not read. */
function keyMappings(format: Input): ReadonlyMap<string, string> {
  const deserializer = format.optionalObject('InputFormatConfiguration')?.optionalObject('Deserializer')
  const mappings = deserializer?.optionalObject('OpenXJsonSerDe')?.optionalObject('ColumnToJsonKeyMappings')
  if (!mappings) return new Map()
  return new Map(Object.keys(mappings.value).map((column) => [column, mappings.text(column).toLowerCase()]))
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
