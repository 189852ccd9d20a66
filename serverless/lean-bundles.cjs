// Plugins of esbuild that leave out of the functions' bundles what they never use: a cold start reads and compiles every byte.
const { readFileSync } = require('node:fs')
const { dirname } = require('node:path')

/** Of each known crawler the pattern. The user agents that were seen of it, and who it is, are fifteen times as much. */
const crawlerPatterns = {
  name: 'crawler-patterns',
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]crawler-user-agents\.json$/ }, ({ path }) => {
      const crawlers = JSON.parse(readFileSync(path, 'utf8'))
      return { contents: JSON.stringify(crawlers.map(({ pattern }) => ({ pattern }))), loader: 'json' }
    })
  },
}

/**
 * Credentials from the environment alone, where Lambda puts those of the function's role:
 * https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
 * The SDK's chain looks there first. What else it knows (profiles, single sign-on, processes, metadata services) is a third of
 * a small bundle.
 */
const credentialsOfLambda = {
  name: 'credentials-of-lambda',
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]credential-provider-node[\\/]dist-es[\\/]index\.js$/ }, ({ path }) => ({
      contents: "export { fromEnv as defaultProvider } from '@aws-sdk/credential-provider-env'",
      resolveDir: dirname(path),
    }))
  },
}

module.exports = [crawlerPatterns, credentialsOfLambda]
