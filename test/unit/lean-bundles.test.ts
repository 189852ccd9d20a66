import { createRequire } from 'node:module'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { userAgentOf } from '../../shared/core/enrichment/user-agent.ts'
import { bundleOf } from '../support/lean-bundle.ts'

const require = createRequire(import.meta.url)

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
