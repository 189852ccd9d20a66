// The tables that keep what reports answered: the columns of their query, a partition a run.
const { readFileSync } = require('node:fs')
const { join } = require('node:path')
const { reports } = require('../analytics/reports/reports.ts')
const { parseNamedQuery } = require('../shared/core/lake/named-query.ts')
const {
  reportColumns,
  reportPartitionColumns,
  reportPrefix,
} = require('../shared/core/report/report-table.ts')

const glueColumn = ({ name, type, comment }) => ({ Name: name, Type: type, Comment: comment })

const queryOf = ({ query }) =>
  parseNamedQuery(
    `${query}.sql`,
    readFileSync(join(__dirname, '../analytics/queries', `${query}.sql`), 'utf8'),
  )

const reportTable = (report) => ({
  Type: 'AWS::Glue::Table',
  Properties: {
    CatalogId: { Ref: 'AWS::AccountId' },
    DatabaseName: { Ref: 'LakeDatabase' },
    TableInput: {
      Name: report.target.table,
      Description: report.description,
      TableType: 'EXTERNAL_TABLE',
      // Each run adds its partition.
      Parameters: { EXTERNAL: 'TRUE', classification: 'parquet' },
      PartitionKeys: reportPartitionColumns.map(glueColumn),
      StorageDescriptor: {
        Location: {
          'Fn::Join': ['', ['s3://', { Ref: 'LakeBucket' }, `/${reportPrefix(report.target.table)}`]],
        },
        Columns: reportColumns(queryOf(report)).map(glueColumn),
        InputFormat: 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat',
        OutputFormat: 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat',
        SerdeInfo: { SerializationLibrary: 'org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe' },
      },
    },
  },
})

// report_top_pages is ReportTopPagesTable.
const logicalId = (name) => `${name.replace(/(?:^|_)(.)/g, (_, first) => first.toUpperCase())}Table`

module.exports = async () => ({
  Resources: Object.fromEntries(
    reports
      .filter(({ target }) => target.kind === 'table')
      .map((report) => [logicalId(report.target.table), reportTable(report)]),
  ),
})
