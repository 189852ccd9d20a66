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

/** Those that `shared/aws` asks for by class, and the one that the SDK tries again because of what its class says. */
const errorsKept = new Set([
  'ConditionalCheckFailedException',
  'ParameterAlreadyExists',
  'ReplicatedWriteConflictException',
])

/**
 * Of each client the schemas of what is sent with it. esbuild would leave out the others by itself, but for two things:
 * `{ [_e]: _c }` might run code, for all that it sees, so the name is put there that `_e` is a constant for; and every error
 * is entered in a registry. One that is not in there is thrown as the client's exception, of the same name and text.
 * Those of SQS stay: it has two names for each.
 */
const schemasInUse = {
  name: 'schemas-in-use',
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]client-[^\\/]+[\\/]dist-es[\\/]schemas[\\/]schemas_0\.js$/ }, ({ path }) => {
      const text = readFileSync(path, 'utf8')
      const constants = new Map([...text.matchAll(/^const (_\w*) = (".*");$/gm)].map(([, ...pair]) => pair))
      const withNames = text.replace(/\[(_\w*)\]: /g, (key, name) =>
        constants.has(name) ? `${constants.get(name)}: ` : key,
      )
      if (/[\\/]client-sqs[\\/]/.test(path)) return { contents: withNames }
      const entry = /^n0_registry\.registerError\(\w+\$, (\w+)\);$/gm
      return { contents: withNames.replace(entry, (all, error) => (errorsKept.has(error) ? all : '')) }
    })
  },
}

/** Streams of events over HTTP/2 (Kinesis: SubscribeToShard; S3: SelectObjectContent), which no function asks for. */
const noEventStreams = {
  name: 'no-event-streams',
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]submodules[\\/]event-streams[\\/]index\.js$/ }, () => ({
      contents:
        'export const resolveEventStreamSerdeConfig = (config) => config, eventStreamSerdeProvider = undefined',
    }))
  },
}

/** Of what a client's package says of itself the version, for the `User-Agent` header. */
const versionsOfClients = {
  name: 'versions-of-clients',
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]@aws-sdk[\\/]client-[^\\/]+[\\/]package\.json$/ }, ({ path }) => {
      const { version } = JSON.parse(readFileSync(path, 'utf8'))
      return { contents: JSON.stringify({ version }), loader: 'json' }
    })
  },
}

module.exports = [crawlerPatterns, credentialsOfLambda, schemasInUse, noEventStreams, versionsOfClients]
