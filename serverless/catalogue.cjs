// The Glue catalogue, from the columns that the code itself uses: Athena, Firehose's conversion and the laptop read it.
const { lakeTables, partitionColumns } = require('../shared/core/lake/tables.ts')
const { plan } = require('../analytics/plan/plan.ts')

// https://docs.aws.amazon.com/athena/latest/ug/partition-projection-supported-types.html
// Where partitions lie needs no template: below the table's location, as dt=…/hour=…
const projection = {
  'projection.enabled': 'true',
  'projection.dt.type': 'date',
  'projection.dt.format': 'yyyy-MM-dd',
  'projection.dt.range': '2026-01-01,NOW',
  'projection.dt.interval': '1',
  'projection.dt.interval.unit': 'DAYS',
  'projection.hour.type': 'integer',
  'projection.hour.range': '0,23',
  'projection.hour.digits': '2',
}

const formats = {
  parquet: {
    InputFormat: 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat',
    OutputFormat: 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat',
    SerdeInfo: { SerializationLibrary: 'org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe' },
  },
  json: {
    InputFormat: 'org.apache.hadoop.mapred.TextInputFormat',
    OutputFormat: 'org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat',
    SerdeInfo: { SerializationLibrary: 'org.openx.data.jsonserde.JsonSerDe' },
  },
}

const logicalIds = {
  raw: 'RawTable',
  events: 'EventsTable',
  sessions: 'SessionsTable',
  bad_events: 'BadEventsTable',
}

const glueColumn = ({ name, type, comment }) => ({ Name: name, Type: type, Comment: comment })

const glueTable = (table) => ({
  Type: 'AWS::Glue::Table',
  Properties: {
    CatalogId: { Ref: 'AWS::AccountId' },
    DatabaseName: { Ref: 'LakeDatabase' },
    TableInput: {
      Name: table.name,
      Description: table.comment,
      TableType: 'EXTERNAL_TABLE',
      Parameters: { EXTERNAL: 'TRUE', classification: table.format, ...projection },
      PartitionKeys: partitionColumns.map(glueColumn),
      StorageDescriptor: {
        Location: { 'Fn::Join': ['', ['s3://', { Ref: 'LakeBucket' }, `/${table.prefix}`]] },
        Columns: table.columns.map(glueColumn),
        ...formats[table.format],
      },
    },
  },
})

module.exports = async ({ resolveVariable }) => {
  const stage = await resolveVariable('sls:stage')
  const tables = Object.values(lakeTables(plan)).map((table) => [logicalIds[table.name], glueTable(table)])
  return {
    Resources: {
      LakeDatabase: {
        Type: 'AWS::Glue::Database',
        Properties: {
          CatalogId: { Ref: 'AWS::AccountId' },
          // A hyphen would have to be quoted in every query.
          DatabaseInput: { Name: `weir_${stage.replaceAll('-', '_')}`, Description: `Lake of weir-${stage}` },
        },
      },
      ...Object.fromEntries(tables),
    },
  }
}
