// The Glue catalogue, from the columns that the code itself uses: Athena, Firehose's conversion and the laptop read it.
const { readFileSync } = require('node:fs')
const { join } = require('node:path')
const { latestViews } = require('../shared/core/lake/latest-view.ts')
const { lookupFile, lookupView } = require('../shared/core/lake/lookup.ts')
const { lakeTables, partitionColumns } = require('../shared/core/lake/tables.ts')
const { checkedTenants, tenantDatabase, tenantViews } = require('../shared/core/lake/tenant-views.ts')
const { viewText } = require('../shared/core/lake/view-table.ts')
const { lakeViews, viewColumns } = require('../shared/core/lake/views.ts')
const { default: latestTables } = require('../analytics/latest.ts')
const { lookups } = require('../analytics/lookups/lookups.ts')
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
  events_daily: 'EventsDailyTable',
  sessions_daily: 'SessionsDailyTable',
  persons: 'PersonsTable',
}

const viewLogicalIds = {
  events_once: 'EventsOnceView',
  sessions_final: 'SessionsFinalView',
  visitors: 'VisitorsView',
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
      Parameters: {
        EXTERNAL: 'TRUE',
        classification: table.format,
        // Parts are added to the catalogue by the batch layer, one by one.
        ...(table.partitioning === 'arrival' ? projection : {}),
      },
      PartitionKeys: partitionColumns(table).map(glueColumn),
      StorageDescriptor: {
        Location: { 'Fn::Join': ['', ['s3://', { Ref: 'LakeBucket' }, `/${table.prefix}`]] },
        Columns: table.columns.map(glueColumn),
        ...formats[table.format],
      },
    },
  },
})

// Views as they are before anything is compacted; the batch layer replaces them. See docs/decisions/0007-views-in-the-template.md
const glueView = ({ name, sql, columns, database, databaseId = 'LakeDatabase' }) => ({
  Type: 'AWS::Glue::Table',
  Properties: {
    CatalogId: { Ref: 'AWS::AccountId' },
    DatabaseName: { Ref: databaseId },
    TableInput: {
      Name: name,
      TableType: 'VIRTUAL_VIEW',
      Parameters: { presto_view: 'true', comment: 'Presto View' },
      ViewOriginalText: viewText({ sql, columns, database }),
      ViewExpandedText: '/* Presto View */',
      StorageDescriptor: {
        // No comments: a change of words would put these views over those of the batch layer.
        Columns: columns.map(({ name, type }) => ({ Name: name, Type: type })),
        SerdeInfo: { Name: '-', SerializationLibrary: '-' },
      },
    },
  },
})

// store_schedules is StoreSchedulesLookup, latest_listings is LatestListingsView.
const inLogicalId = (name) => name.replace(/(?:^|_)(.)/g, (_, first) => first.toUpperCase())
const lookupLogicalId = ({ name }) => `${inLogicalId(name)}Lookup`
const lookupText = ({ name }) =>
  readFileSync(join(__dirname, '../analytics/lookups', lookupFile(name)), 'utf8')

const glueDatabase = (name, description) => ({
  Type: 'AWS::Glue::Database',
  Properties: {
    CatalogId: { Ref: 'AWS::AccountId' },
    DatabaseInput: { Name: name, Description: description },
  },
})

// A database with views that show the rows of one tenant. See docs/tables.md
const tenantResources = ({ tenant, database, stage, columns }) => {
  const name = tenantDatabase(database, tenant)
  const suffix = name.slice(database.length).replace(/_(.)/g, (_, first) => first.toUpperCase())
  const databaseId = `Tenant${suffix}Database`
  return [
    [databaseId, glueDatabase(name, `What ${tenant.value} may see of the lake of weir-${stage}`)],
    ...Object.entries(tenantViews({ database, columns }, tenant)).map(([view, sql]) => [
      `Tenant${suffix}${viewLogicalIds[view]}`,
      glueView({ name: view, sql, columns: columns[view], database: name, databaseId }),
    ]),
  ]
}

module.exports = async ({ resolveVariable }) => {
  const stage = await resolveVariable('sls:stage')
  // A hyphen would have to be quoted in every query.
  const database = `weir_${stage.replaceAll('-', '_')}`
  const lake = lakeTables(plan)
  const tables = Object.values(lake).map((table) => [logicalIds[table.name], glueTable(table)])
  const views = Object.entries(lakeViews(lake)).map(([name, sql]) => [
    viewLogicalIds[name],
    glueView({ name, sql, columns: viewColumns(lake)[name], database }),
  ])
  const latest = Object.entries(latestViews(latestTables, lake.events.columns)).map(([name, view]) => [
    `${inLogicalId(name)}View`,
    glueView({ ...view, name, database }),
  ])
  const tenants = checkedTenants(
    { column: await resolveVariable('param:tenantColumn'), values: await resolveVariable('param:tenants') },
    lake,
  ).flatMap((tenant) => tenantResources({ tenant, database, stage, columns: viewColumns(lake) }))
  const lookupViews = lookups.map((lookup) => [
    lookupLogicalId(lookup),
    glueView({
      name: lookup.name,
      sql: lookupView(lookup, lookupText(lookup)),
      columns: lookup.columns,
      database,
    }),
  ])
  return {
    Resources: {
      LakeDatabase: glueDatabase(database, `Lake of weir-${stage}`),
      ...Object.fromEntries(tables),
      ...Object.fromEntries(views),
      ...Object.fromEntries(tenants),
      ...Object.fromEntries(lookupViews),
      ...Object.fromEntries(latest),
    },
  }
}
