import type { Input } from '../input.ts'
import type { JsonService } from '../json-service.ts'
import type { Athena, NamedQuery, PreparedStatement, WorkGroup } from './athena.ts'
import type { Execution } from './execution.ts'
import { getQueryResults } from './get-query-results.ts'
import { invalidRequest } from './refusal.ts'

/** The API of Athena, as far as queries need it. */
export function athenaActions(athena: Athena): JsonService {
  const workGroupOf = (input: Input) => athena.workGroup(input.optionalText('WorkGroup') ?? 'primary').name

  function startQueryExecution(input: Input) {
    const { id } = athena.start({
      sql: input.text('QueryString'),
      token: input.optionalText('ClientRequestToken'),
      database: input.optionalObject('QueryExecutionContext')?.optionalText('Database'),
      workGroup: workGroupOf(input),
      outputLocation: input.optionalObject('ResultConfiguration')?.optionalText('OutputLocation'),
      literals: (input.optionalList('ExecutionParameters') ?? []).map(String),
    })
    return { QueryExecutionId: id }
  }

  function batchGetNamedQuery(input: Input) {
    const ids = input.list('NamedQueryIds').map(String)
    return {
      NamedQueries: ids.flatMap((id) => athena.namedQuery(id) ?? []).map(shownNamedQuery),
      UnprocessedNamedQueryIds: ids
        .filter((id) => !athena.namedQuery(id))
        .map((NamedQueryId) => ({ NamedQueryId, ErrorCode: 'INVALID_INPUT', ErrorMessage: 'was not found' })),
    }
  }

  function getNamedQuery(input: Input) {
    const query = athena.namedQuery(input.text('NamedQueryId'))
    if (!query) throw invalidRequest(`NamedQuery ${input.text('NamedQueryId')} was not found`)
    return { NamedQuery: shownNamedQuery(query) }
  }

  function getPreparedStatement(input: Input) {
    const [name, group] = [input.text('StatementName'), workGroupOf(input)]
    const statement = athena.preparedStatements(group).find((one) => one.name === name)
    if (!statement) throw invalidRequest(`PreparedStatement ${name} was not found in workGroup ${group}`)
    return { PreparedStatement: shownPreparedStatement(statement) }
  }

  return {
    service: 'athena',
    actions: {
      StartQueryExecution: startQueryExecution,
      GetQueryExecution: (input) => ({
        QueryExecution: shownExecution(athena.execution(input.text('QueryExecutionId'))),
      }),
      BatchGetQueryExecution: (input) => ({
        QueryExecutions: input
          .list('QueryExecutionIds')
          .map((id) => shownExecution(athena.execution(String(id)))),
        UnprocessedQueryExecutionIds: [],
      }),
      ListQueryExecutions: (input) => ({
        QueryExecutionIds: athena
          .executions(workGroupOf(input))
          .slice(0, input.optionalNumber('MaxResults') ?? 50)
          .map(({ id }) => id),
      }),
      GetQueryResults: (input) => getQueryResults(athena, input),
      StopQueryExecution: (input) => {
        athena.stop(input.text('QueryExecutionId'))
        return {}
      },
      BatchGetNamedQuery: batchGetNamedQuery,
      GetNamedQuery: getNamedQuery,
      ListNamedQueries: (input) => ({
        NamedQueryIds: athena.namedQueries(workGroupOf(input)).map(({ id }) => id),
      }),
      GetPreparedStatement: getPreparedStatement,
      ListPreparedStatements: (input) => ({
        PreparedStatements: athena
          .preparedStatements(workGroupOf(input))
          .map(({ name }) => ({ StatementName: name })),
      }),
      GetWorkGroup: (input) => ({ WorkGroup: shownWorkGroup(athena.workGroup(input.text('WorkGroup'))) }),
      ListWorkGroups: () => ({
        WorkGroups: athena.workGroups().map(({ name }) => ({ Name: name, State: 'ENABLED' })),
      }),
    },
    resource: (input) => input.optionalText('WorkGroup') ?? input.optionalText('QueryExecutionId') ?? '*',
    payload: (action, input) =>
      action === 'StartQueryExecution'
        ? () => ({ QueryString: input.optionalText('QueryString') })
        : undefined,
  }
}

/** StatementType, and the finer SubstatementType. */
const types: Readonly<Record<Execution['kind'], readonly [string, string]>> = {
  select: ['DML', 'SELECT'],
  insert: ['DML', 'INSERT'],
  'create-table': ['DDL', 'CREATE_TABLE_AS_SELECT'],
  'create-view': ['DDL', 'CREATE_VIEW'],
  drop: ['DDL', 'DROP'],
  'add-partitions': ['DDL', 'ALTER_TABLE_ADD_PARTITION'],
  'drop-partitions': ['DDL', 'ALTER_TABLE_DROP_PARTITION'],
  'show-partitions': ['UTILITY', 'SHOW_PARTITIONS'],
  'show-tables': ['UTILITY', 'SHOW_TABLES'],
}

function shownExecution(execution: Execution) {
  const { id, sql, kind, state, reason, submittedMs, completedMs, literals } = execution
  const endMs = completedMs ?? Date.now()
  const startedMs = execution.startedMs ?? endMs
  return {
    QueryExecutionId: id,
    Query: sql,
    StatementType: types[kind][0],
    SubstatementType: types[kind][1],
    ResultConfiguration: { OutputLocation: execution.outputLocation },
    QueryExecutionContext: { Database: execution.database, Catalog: 'awsdatacatalog' },
    ...(literals.length > 0 && { ExecutionParameters: literals }),
    Status: {
      State: state,
      ...(reason !== undefined && { StateChangeReason: reason }),
      SubmissionDateTime: submittedMs / 1000,
      ...(completedMs !== undefined && { CompletionDateTime: completedMs / 1000 }),
      // 2: the user's.
      ...(state === 'FAILED' && {
        AthenaError: { ErrorCategory: 2, ErrorType: 1006, Retryable: false, ErrorMessage: reason },
      }),
    },
    Statistics: {
      DataScannedInBytes: execution.scannedBytes,
      EngineExecutionTimeInMillis: endMs - startedMs,
      QueryQueueTimeInMillis: startedMs - submittedMs,
      TotalExecutionTimeInMillis: endMs - submittedMs,
    },
    WorkGroup: execution.workGroup,
    EngineVersion: engineVersion,
  }
}

const engineVersion = {
  SelectedEngineVersion: 'Athena engine version 3',
  EffectiveEngineVersion: 'Athena engine version 3',
}

function shownNamedQuery({ id, name, description, database, workGroup, sql }: NamedQuery) {
  return {
    NamedQueryId: id,
    Name: name,
    Description: description,
    Database: database,
    WorkGroup: workGroup,
    QueryString: sql,
  }
}

function shownPreparedStatement({ name, description, workGroup, sql }: PreparedStatement) {
  return { StatementName: name, Description: description, WorkGroupName: workGroup, QueryStatement: sql }
}

function shownWorkGroup({ name, description, outputLocation, isEnforced, maxScannedBytes }: WorkGroup) {
  return {
    Name: name,
    State: 'ENABLED',
    Description: description,
    Configuration: {
      ResultConfiguration: { OutputLocation: outputLocation },
      EnforceWorkGroupConfiguration: isEnforced,
      BytesScannedCutoffPerQuery: maxScannedBytes,
      PublishCloudWatchMetricsEnabled: false,
      EngineVersion: engineVersion,
    },
  }
}
