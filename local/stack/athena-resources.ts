import type { Athena } from '../aws/athena/athena.ts'
import type { CatalogueTable } from '../aws/athena/catalogue.ts'
import type { Declaration } from './declaration.ts'
import { isObject, type Json, type JsonObject } from './intrinsic.ts'
import { isTrue, objects, optionalText, text } from './template-values.ts'

/** Tells the local Athena what the template declares: databases with tables and views, workgroups, queries. */
export function declareAthena(athena: Athena, declaration: Declaration): void {
  for (const name of declaration.glueDatabases) athena.catalogue.declareDatabase(name)
  for (const properties of declaration.glueTables) declareTable(athena, properties)
  for (const properties of declaration.workGroups) athena.declareWorkGroup(workGroupOf(properties))
  for (const { id, ...properties } of declaration.namedQueries)
    athena.declareNamedQuery({
      id: text(id, 'id'),
      name: text(properties.Name, 'Name'),
      ...queryOf(properties),
    })
  for (const properties of declaration.preparedStatements) {
    const name = text(properties.StatementName, 'StatementName')
    const sql = text(properties.QueryStatement, 'QueryStatement')
    const description = optionalText(properties.Description)
    athena.declarePreparedStatement({ name, description, sql, workGroup: workGroupName(properties) })
  }
}

function declareTable({ catalogue }: Athena, properties: JsonObject): void {
  const database = text(properties.DatabaseName, 'DatabaseName')
  const input = child(properties.TableInput)
  const name = text(input.Name, 'TableInput.Name')
  if (input.TableType === 'VIRTUAL_VIEW') catalogue.declareView(database, name, viewSql(input))
  else catalogue.declareTable(database, tableOf(name, input))
}

function tableOf(name: string, input: JsonObject): CatalogueTable {
  const storage = child(input.StorageDescriptor)
  const format = text(storage.InputFormat, 'InputFormat').includes('Parquet') ? 'parquet' : 'json'
  return {
    name,
    format,
    location: text(storage.Location, 'Location'),
    columns: columnsOf(storage.Columns),
    partitionKeys: columnsOf(input.PartitionKeys),
    isProjected: isTrue(child(input.Parameters)['projection.enabled']),
  }
}

const columnsOf = (columns: Json | undefined) =>
  objects(columns).map(({ Name, Type }) => ({
    name: text(Name, 'a column name'),
    type: text(Type, 'a column type'),
  }))

// Athena keeps a view as a comment: /* Presto View: <base64 of JSON> */
function viewSql(input: JsonObject): string {
  const [, encoded = ''] =
    /Presto View: ([\w+/=]+)/.exec(text(input.ViewOriginalText, 'ViewOriginalText')) ?? []
  const view: unknown = JSON.parse(Buffer.from(encoded, 'base64').toString('utf8'))
  if (typeof view === 'object' && view !== null && 'originalSql' in view) return String(view.originalSql)
  throw new Error(`the view ${String(input.Name)} has no originalSql`)
}

function workGroupOf(properties: JsonObject) {
  const configuration = child(properties.WorkGroupConfiguration)
  const cutoff = configuration.BytesScannedCutoffPerQuery
  return {
    name: text(properties.Name, 'Name'),
    description: optionalText(properties.Description),
    outputLocation: optionalText(child(configuration.ResultConfiguration).OutputLocation),
    // CloudFormation's default.
    isEnforced: isTrue(configuration.EnforceWorkGroupConfiguration ?? true),
    maxScannedBytes: cutoff === undefined ? undefined : Number(cutoff),
  }
}

function queryOf(properties: JsonObject) {
  return {
    description: optionalText(properties.Description),
    database: text(properties.Database, 'Database'),
    workGroup: workGroupName(properties),
    sql: text(properties.QueryString, 'QueryString'),
  }
}

const workGroupName = ({ WorkGroup }: JsonObject): string => optionalText(WorkGroup) ?? 'primary'

const child = (value: Json | undefined): JsonObject => (isObject(value) ? value : {})
