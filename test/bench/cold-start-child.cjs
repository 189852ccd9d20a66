/**
 * One cold start, as Lambda's runtime makes it: loads a bundle and, when there is an event, runs its first invocation.
 * Prints the milliseconds of each.
 *
 *   node test/bench/cold-start-child.cjs BUNDLE EXPORT [EVENT.json]
 */
const { readFileSync } = require('node:fs')

const [bundle, exportName, eventFile] = process.argv.slice(2)
// Read before, so that the disk is not what is measured.
const event = eventFile === undefined ? undefined : readFileSync(eventFile, 'utf8')
const context = {
  awsRequestId: 'bench',
  functionName: 'bench',
  functionVersion: '$LATEST',
  invokedFunctionArn: 'arn:aws:lambda:us-east-1:000000000000:function:bench',
  memoryLimitInMB: '1769',
  getRemainingTimeInMillis: () => 60_000,
}

async function main() {
  const cpu = process.cpuUsage()
  const began = performance.now()
  const handler = require(bundle)[exportName]
  const importMs = performance.now() - began
  const { user, system } = process.cpuUsage(cpu)
  const importCpuMs = (user + system) / 1000
  if (event === undefined) return { importMs, importCpuMs }
  const invoked = performance.now()
  await handler(JSON.parse(event), context)
  return { importMs, importCpuMs, firstMs: performance.now() - invoked }
}

// The functions log to stdout; the figures come last.
main().then((figures) => process.stdout.write(`\n${JSON.stringify(figures)}\n`, () => process.exit()))
