/** `npm start`: the whole of Weir on this machine. */
import { join } from 'node:path'
import { startArguments, usage } from './stack/arguments.ts'
import type { Stack } from './stack/stack.ts'
import { StartError } from './stack/start-error.ts'
import { startLean } from './stack/start-lean.ts'
import { summary } from './stack/summary.ts'

startLean()

// npm passes Ctrl-C on to us, and so does the terminal: one press can come as two signals.
const samePressMs = 400

async function main(): Promise<void> {
  const startedMs = performance.now()
  const given = startArguments(process.argv.slice(2))
  if (given.help) {
    process.stdout.write(usage)
    return
  }
  const projectDir = join(import.meta.dirname, '..')
  console.log('Starting what serverless.yml declares …')
  // Loaded now: what this module imports is loaded twice.
  const { startStack } = await import('./stack/stack.ts')
  const stack = await startStack({
    projectDir,
    dataDir: given.data,
    port: given.port,
    awsPort: given.awsPort,
    fresh: given.fresh,
    report: (line) => console.error(line),
  })
  const demo = given.empty ? undefined : await startDemo(stack)
  console.log(summary(stack, { seconds: (performance.now() - startedMs) / 1000, demo: !given.empty }))
  await stopSignal()
  console.log('Stopping: finishing what was begun …')
  await demo?.stop()
  await stack.stop()
}

async function startDemo(stack: Stack): Promise<{ stop(): Promise<void> }> {
  const demo = await import('./demo/demo.ts')
  return demo.startDemo({ url: stack.url, writeKey: 'local' })
}

/** Resolves at the first Ctrl-C; the second one ends the process where it stands. */
function stopSignal(): Promise<void> {
  return new Promise((resolve) => {
    let firstMs: number | undefined
    const onSignal = () => {
      if (firstMs === undefined) {
        firstMs = performance.now()
        resolve()
      } else if (performance.now() - firstMs > samePressMs) {
        process.exit(130)
      }
    }
    process.on('SIGINT', onSignal)
    process.on('SIGTERM', onSignal)
  })
}

try {
  await main()
  process.exit(0)
} catch (error) {
  console.error(error instanceof StartError ? error.message : error)
  process.exit(1)
}
