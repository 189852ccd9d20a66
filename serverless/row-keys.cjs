// How Firehose reads rows: most columns have a key in them that is shorter than their name, and columns of the tracking plan have
// none. A change here reaches rows that are under way. See docs/decisions/0011-short-keys.md
const { eventKeys } = require('../shared/core/lake/event-columns.ts')
const { sessionKeys } = require('../shared/core/lake/session-columns.ts')

const deserializer = (keys) => ({ OpenXJsonSerDe: { ColumnToJsonKeyMappings: keys } })

module.exports = () => ({ events: deserializer(eventKeys), sessions: deserializer(sessionKeys) })
