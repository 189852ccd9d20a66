import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { SSMClient } from '@aws-sdk/client-ssm'
import { describe, expect, it } from 'vitest'
import { createSecretParameter } from '../../shared/aws/secret-parameter.ts'
import { openFixture } from './endpoint-fixture.ts'

describe('the secrets of a stage', () => {
  it('are made as a SecureString once, and stay as they are', async () => {
    const fixture = await openFixture()
    const client = new SSMClient(fixture.client)
    try {
      const name = '/weir/test/write-keys'
      const wasMade = [
        await createSecretParameter({ name, value: 'first' }, client),
        await createSecretParameter({ name, value: 'second' }, client),
      ]
      expect(wasMade).toEqual([true, false])
      expect(fixture.endpoint.ssm.get(name)).toMatchObject({
        type: 'SecureString',
        value: 'first',
        version: 1,
      })
    } finally {
      client.destroy()
      await fixture.remove()
    }
  })
})

describe('a wrong argument gives one line and exit code 1', () => {
  it.each([
    ['package', ['--stge', 'prod'], /^Unknown option '--stge'; options: --stage VALUE, --help$/],
    ['package', ['--stage', 'My Stage'], /^--stage takes a name such as prod .*, not "My Stage"$/],
    ['package', ['prod'], /^package takes no "prod"; options: --stage NAME, --help$/],
    ['deploy', [], /^deploy needs a stage: npm run deploy -- --stage prod$/],
    ['deploy', ['--stage', 'local'], /^stage local is the one of this machine: npm start runs it$/],
    [
      'deploy',
      ['--stage', 'prod'],
      /^AWS_ENDPOINT_URL is http:\/\/127\.0\.0\.1:1: unset it to deploy to AWS$/,
    ],
  ])('%s %j', (command, args, line) => {
    const { status, stdout, stderr } = run(command, args)
    expect(stderr.trimEnd()).toMatch(line)
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' })
  })

  it.each(['package', 'deploy'])('%s --help tells what there is', (command) => {
    const { status, stdout } = run(command, ['--help'])
    expect(stdout).toContain('--stage NAME')
    expect(status).toBe(0)
  })
})

/** The endpoint keeps a deployment by mistake from reaching anything. */
function run(command: string, args: readonly string[]) {
  const file = join(import.meta.dirname, `../../commands/${command}.ts`)
  const env = { ...process.env, AWS_ENDPOINT_URL: 'http://127.0.0.1:1' }
  return spawnSync(process.execPath, [file, ...args], { encoding: 'utf8', env })
}
