import { createRequire } from 'node:module'
import { join } from 'node:path'
import { build, type Metafile } from 'esbuild'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { userAgentOf } from '../../shared/core/enrichment/user-agent.ts'

const root = join(import.meta.dirname, '../..')
const require = createRequire(import.meta.url)

type Bundle<Exports> = {
  readonly exports: Exports
  readonly text: string
  readonly inputs: readonly string[]
}

/** What the functions' build makes of a module, loaded. */
const bundleOf = async <Exports>(contents: string): Promise<Bundle<Exports>> => {
  const { outputFiles, metafile } = await build({
    stdin: { contents, resolveDir: root, loader: 'ts' },
    bundle: true,
    write: false,
    metafile: true,
    format: 'cjs',
    platform: 'node',
    mainFields: ['module', 'main'],
    plugins: require('../../serverless/lean-bundles.cjs'),
  })
  const text = outputFiles[0]?.text ?? ''
  const module = { exports: {} as Exports }
  new Function('module', 'exports', 'require', text)(module, module.exports, require)
  return { exports: module.exports, text, inputs: usedInputs(metafile) }
}

const usedInputs = ({ outputs }: Metafile): string[] =>
  Object.values(outputs).flatMap(({ inputs }) =>
    Object.entries(inputs).flatMap(([file, { bytesInOutput }]) => (bytesInOutput > 0 ? [file] : [])),
  )

afterEach(() => {
  vi.unstubAllEnvs()
})

describe('a lean bundle', () => {
  it('knows the same crawlers', async () => {
    const known: readonly { instances: string[] }[] = require('crawler-user-agents')
    const bundle = await bundleOf<{ userAgentOf: typeof userAgentOf }>(
      "export { userAgentOf } from './shared/core/enrichment/user-agent.ts'",
    )
    const agents = [...known.flatMap(({ instances }) => instances), 'Mozilla/5.0 (X11; Linux) Firefox/140.0']
    expect(agents.length).toBeGreaterThan(1_000)
    for (const agent of agents) expect(bundle.exports.userAgentOf(agent)).toEqual(userAgentOf(agent))
  })

  it('holds no user agent of theirs', async () => {
    const { text } = await bundleOf("export { default } from 'crawler-user-agents'")
    expect(text).toContain('Googlebot\\\\/')
    expect(text).not.toContain('Mozilla/5.0 (compatible; Googlebot/2.1')
    expect(text.length).toBeLessThan(100_000)
  })

  const client = "export { FirehoseClient } from '@aws-sdk/client-firehose'"
  type WithClient = typeof import('@aws-sdk/client-firehose')

  it("takes the credentials of the function's role from the environment", async () => {
    const { FirehoseClient } = (await bundleOf<WithClient>(client)).exports
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'key')
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret')
    vi.stubEnv('AWS_SESSION_TOKEN', 'token')
    const { config } = new FirehoseClient({ region: 'eu-west-1' })
    const role = { accessKeyId: 'key', secretAccessKey: 'secret', sessionToken: 'token' }
    expect(await config.credentials()).toMatchObject(role)
  })

  it('says so when there are none', async () => {
    const { FirehoseClient } = (await bundleOf<WithClient>(client)).exports
    vi.stubEnv('AWS_ACCESS_KEY_ID', '')
    const { config } = new FirehoseClient({ region: 'eu-west-1' })
    await expect(config.credentials()).rejects.toThrow('environment variable credentials')
  })

  it('knows no single sign-on, no profile and no metadata service', async () => {
    const { inputs } = await bundleOf(client)
    expect(inputs.filter((file) => /credential-provider-(?!env)|nested-clients/.test(file))).toEqual([])
  })
})
