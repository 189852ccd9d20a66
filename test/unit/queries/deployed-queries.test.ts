import { createRequire } from 'node:module'
import { expect, it } from 'vitest'
import { namedQueries } from '../../../commands/query/named-query.ts'

type Resource = { readonly Type: string; readonly Properties: Readonly<Record<string, unknown>> }

const { Resources }: { Resources: Readonly<Record<string, Resource>> } = createRequire(import.meta.url)(
  '../../../serverless/queries.cjs',
)()
const propertiesOf = (type: string) =>
  Object.values(Resources)
    .filter((resource) => resource.Type === `AWS::Athena::${type}`)
    .map(({ Properties }) => Properties)

it('deploys every query of the folder, with its defaults and prepared', async () => {
  const names = (await namedQueries()).map(({ name }) => name)

  expect(propertiesOf('NamedQuery').map(({ Name }) => Name)).toEqual(names)
  expect(propertiesOf('PreparedStatement').map(({ StatementName }) => StatementName)).toEqual(
    names.map((name) => name.replaceAll('-', '_')),
  )
})

it('leaves no parameter open in a query with defaults', () => {
  for (const { QueryString } of propertiesOf('NamedQuery'))
    expect(String(QueryString).replaceAll(/'[^']*'|--.*/g, '')).not.toMatch(/:[a-z]|\?/)
})

it('says in which order the values of a prepared statement go, each as often as it is used', () => {
  const [topPages] = propertiesOf('PreparedStatement').filter(
    ({ StatementName }) => StatementName === 'top_pages',
  )

  expect(topPages?.Description).toBe(
    'Which pages are seen most, and by how many people? EXECUTE top_pages USING by, from, to, from, to, bots, bots, limit',
  )
  for (const { QueryStatement, Description } of propertiesOf('PreparedStatement')) {
    const names = String(Description).split(' USING ')[1]?.split(', ') ?? []
    // A pattern such as '(?i)bot' is a text.
    const marks =
      String(QueryStatement)
        .replaceAll(/'[^']*'/g, '')
        .match(/\?/g) ?? []
    expect(marks.length).toBe(names.length)
  }
})
