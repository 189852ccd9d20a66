// How many runs of reports are under way at once: a place for each report and one to spare, for runs that are moved back by
// hand. Not more than 20, the least number of queries that Athena runs at once for an account.
const { reports } = require('../analytics/reports/reports.ts')

const fewest = 2 // of SQS
const most = 20

module.exports = () => ({ places: Math.max(fewest, Math.min(most, reports.length + 1)) })
