import { join, relative } from 'node:path'
import type { Stack } from './stack.ts'

/** What the person at the terminal gets to see once it is ready. */
export function summary(stack: Stack, o: { seconds: number; demo: boolean }): string {
  const { url, awsUrl } = stack
  const folder = (name: string) => relative(process.cwd(), join(stack.dataDir, name)) || '.'
  const functions = stack.declaration.functions.length
  const mappings = stack.declaration.mappings.length + stack.declaration.queueMappings.length
  return `
  Weir is ready: ${functions} functions, ${mappings} event source mappings, in ${o.seconds.toFixed(1)} s

    page       ${url}${o.demo ? '   (demo traffic flows; without: -- --empty)' : ''}
    metrics    ${url}/v1/metrics
    send       npm run send -- FILE
               curl -u local: ${url}/v1/track -H 'content-type: application/json' \\
                 -d '{"anonymousId":"me","event":"Signed Up"}'
    AWS        export AWS_ENDPOINT_URL=${awsUrl}   (any region, any credentials)
               streams ${stack.declaration.streams.map(({ name }) => name).join(', ')}
    lake       ${folder('lake')}
    logs       ${folder('logs')}

  Ctrl-C stops it.
`
}
