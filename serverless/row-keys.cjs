// How Firehose reads rows: each column has a key in them that is shorter than its name. A change here reaches rows that are under way.
// See docs/decisions/0011-short-keys.md
const { eventsTable } = require('../shared/core/lake/tables.ts')
const { sessionKeys } = require('../shared/core/lake/session-columns.ts')
const { plan } = require('../analytics/plan/plan.ts')

const deserializer = (keys) => ({ OpenXJsonSerDe: { ColumnToJsonKeyMappings: keys } })

const eventKeys = Object.fromEntries(eventsTable(plan).columns.map(({ name, key }) => [name, key]))

module.exports = () => ({ events: deserializer(eventKeys), sessions: deserializer(sessionKeys) })
