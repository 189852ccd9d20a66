// The named queries of analytics/queries in Athena: once with their defaults, to read and to run from the console, and
// once prepared, to run with values: EXECUTE funnel USING …
const { readdirSync, readFileSync } = require('node:fs')
const { join } = require('node:path')
const {
  bindParameters,
  parameterOrder,
  parseNamedQuery,
  positionalSql,
} = require('../shared/core/lake/named-query.ts')

const folder = join(__dirname, '../analytics/queries')

// https://docs.aws.amazon.com/athena/latest/APIReference/API_PreparedStatement.html
const maxSqlBytes = 262_144
const maxDescriptionCharacters = 1024
const statementName = /^[a-zA-Z_][a-zA-Z0-9_@:]{1,255}$/

const limited = (query, kind, { sql, description }) => {
  const fail = (problem) => {
    throw new Error(`analytics/queries/${query.name}.sql: as ${kind} ${problem}`)
  }
  if (Buffer.byteLength(sql) > maxSqlBytes) fail(`it has more than Athena's ${maxSqlBytes} bytes; split it`)
  if (description.length > maxDescriptionCharacters)
    fail(
      `its description has more than Athena's ${maxDescriptionCharacters} characters; use fewer parameters`,
    )
}

const namedQuery = (query) => {
  const sql = bindParameters(query)
  const description = query.question
  limited(query, 'a named query', { sql, description })
  return {
    Type: 'AWS::Athena::NamedQuery',
    Properties: {
      Name: query.name,
      Description: description,
      Database: { Ref: 'LakeDatabase' },
      WorkGroup: { Ref: 'LakeWorkGroup' },
      QueryString: sql,
    },
  }
}

const preparedStatement = (query) => {
  // A hyphen is not allowed in the name.
  const name = query.name.replaceAll('-', '_')
  if (!statementName.test(name))
    throw new Error(
      `analytics/queries/${query.name}.sql: Athena prepares no statement named "${name}"; rename it`,
    )
  // A question mark in a comment is none to Athena's parser, but to readers who count.
  const sql = positionalSql(query)
    .replace(/^ *--.*\n/gm, '')
    .trimStart()
  const order = parameterOrder(query).join(', ')
  const description = `${query.question} EXECUTE ${name}${order && ` USING ${order}`}`
  limited(query, 'a prepared statement', { sql, description })
  return {
    Type: 'AWS::Athena::PreparedStatement',
    Properties: {
      StatementName: name,
      Description: description,
      WorkGroup: { Ref: 'LakeWorkGroup' },
      QueryStatement: sql,
    },
  }
}

const pascalCase = (name) => name.replace(/(?:^|-)(\w)/g, (_, letter) => letter.toUpperCase())

module.exports = () => {
  const queries = readdirSync(folder)
    .filter((file) => file.endsWith('.sql'))
    .sort()
    .map((file) => parseNamedQuery(file, readFileSync(join(folder, file), 'utf8')))
  return {
    Resources: Object.fromEntries(
      queries.flatMap((query) => [
        [`${pascalCase(query.name)}NamedQuery`, namedQuery(query)],
        [`${pascalCase(query.name)}PreparedStatement`, preparedStatement(query)],
      ]),
    ),
  }
}
