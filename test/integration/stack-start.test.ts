import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it, onTestFinished } from 'vitest'
import type { Invoked } from '../../local/stack/lambdas.ts'
import { type Stack, startStack } from '../../local/stack/stack.ts'
import { stackFixture } from '../support/stack-fixture.ts'

const open: Stack[] = []

type Options = Partial<Parameters<typeof startStack>[0]>

async function start(fixture: ReturnType<typeof stackFixture>, options: Options = {}): Promise<Stack> {
  const { projectDir, dataDir, build } = fixture
  const stack = await startStack({
    projectDir,
    dataDir,
    build,
    port: 0,
    awsPort: 0,
    schedules: false,
    ...options,
  })
  open.push(stack)
  return stack
}

afterEach(async () => {
  for (const stack of open.splice(0)) await stack.stop()
})

const put = (stack: Stack, ...texts: string[]) =>
  stack.endpoint.kinesis.put(
    'weir-local-raw',
    texts.map((text) => ({ data: Buffer.from(text), partitionKey: text })),
  )
const linesOf = (file: string) => readFileSync(file, 'utf8').split('\n').filter(Boolean).toSorted()

describe('a stack', () => {
  it('carries what is put on a stream to the function that reads it', async () => {
    const fixture = stackFixture()
    const stack = await start(fixture)
    put(stack, 'a', 'b', 'c')
    await expect.poll(() => stack.isCaughtUp()).toBe(true)
    expect(linesOf(fixture.copied)).toEqual(['a', 'b', 'c'])
  })

  it('answers a route with its function, which finds the endpoint at its real port', async () => {
    const stack = await start(stackFixture())
    const headers = { 'content-type': 'application/json', origin: 'http://shop.example', 'X-Custom': 'Yes' }
    const response = await fetch(`${stack.url}/v1/track?q=1`, { method: 'POST', body: '{"a":1}', headers })
    const { event, endpoint } = JSON.parse(await response.text())
    expect(response.status).toBe(200)
    expect(response.headers.get('access-control-allow-origin')).toBe('*')
    expect(event).toMatchObject({
      routeKey: 'POST /v1/{type}',
      pathParameters: { type: 'track' },
      headers: { 'x-custom': 'Yes' },
      body: '{"a":1}',
    })
    expect(endpoint).toBe(stack.awsUrl)
  })

  it('answers 500 for a function that throws, and says so in one line', async () => {
    const lines: string[] = []
    const stack = await start(stackFixture(), { report: (line) => lines.push(line) })
    const response = await fetch(`${stack.url}/boom`)
    expect(response.status).toBe(500)
    expect(lines).toEqual([expect.stringMatching(/^boom failed: RangeError: boom \(.*boom\.log\)$/)])
    await expect
      .poll(() => readFileSync(join(stack.dataDir, 'logs/boom.log'), 'utf8'))
      .toContain('RangeError')
  })

  it('answers a preflight as the API declares', async () => {
    const stack = await start(stackFixture())
    const headers = { origin: 'http://shop.example', 'access-control-request-method': 'POST' }
    const response = await fetch(`${stack.url}/v1/track`, { method: 'OPTIONS', headers })
    expect(response.status).toBe(204)
    expect(response.headers.get('access-control-allow-methods')).toBe('POST')
    expect(response.headers.get('access-control-max-age')).toBe('60')
  })

  it('takes bodies of 6 MB and refuses larger ones with 413', async () => {
    const stack = await start(stackFixture())
    const post = (bytes: number) => fetch(`${stack.url}/v1/a`, { method: 'POST', body: Buffer.alloc(bytes) })
    expect((await post(6 * 1024 * 1024)).status).toBe(200)
    expect((await post(6 * 1024 * 1024 + 1)).status).toBe(413)
  })

  it('serves the page, and no file outside of it', async () => {
    const stack = await start(stackFixture())
    const page = await fetch(stack.url)
    expect(await page.text()).toBe('<h1>page</h1>')
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8')
    expect(page.headers.get('cache-control')).toBe('no-store')
    for (const path of [
      '/%2e%2e/%2e%2e/secret.txt',
      '/..%2f..%2fsecret.txt',
      '/vendor/..%2f..%2f..%2fsecret.txt',
    ]) {
      expect((await fetch(stack.url + path)).status).toBe(404)
    }
  })

  it('invokes scheduled functions at once, with the event of a schedule', async () => {
    const invoked: Invoked[] = []
    const stack = await start(stackFixture(), { schedules: true })
    stack.onInvoked((one) => invoked.push(one))
    await expect.poll(() => invoked.length).toBe(1)
    expect(JSON.parse(invoked[0]?.payload ?? '')).toMatchObject({ 'detail-type': 'Scheduled Event' })
  })

  it('delivers what came in before it stops, and nothing twice when it starts again', async () => {
    const fixture = stackFixture()
    const first = await start(fixture)
    put(first, 'a', 'b')
    await first.stop()
    expect(linesOf(fixture.copied)).toEqual(['a', 'b'])
    const second = await start(fixture)
    put(second, 'c')
    await expect.poll(() => second.isCaughtUp()).toBe(true)
    expect(linesOf(fixture.copied)).toEqual(['a', 'b', 'c'])
  })

  it('forgets everything when it starts fresh', async () => {
    const fixture = stackFixture()
    const first = await start(fixture)
    put(first, 'a')
    const key = first.endpoint.ssm.get('/weir/local/control-key')?.value
    await first.stop()
    const second = await start(fixture, { fresh: true })
    expect(second.endpoint.kinesis.listShards('weir-local-raw').length).toBe(2)
    expect(second.endpoint.kinesis.latest('weir-local-raw', 'shardId-000000000000')).toBeNull()
    expect(second.endpoint.ssm.get('/weir/local/control-key')?.value).not.toBe(key)
  })

  it('keeps records for as long as is declared, also those of a stream it made before', async () => {
    const { build, ...fixture } = stackFixture()
    const keptFor = async (retentionHours: number) => {
      const streams = build.declaration.streams.map((stream) => ({ ...stream, retentionHours }))
      const declaration = { ...build.declaration, streams }
      const stack = await start({ ...fixture, build: { ...build, declaration } })
      const hours = stack.endpoint.kinesis.describe('weir-local-raw').retentionHours
      await stack.stop()
      return hours
    }
    expect([await keptFor(168), await keptFor(48)]).toEqual([168, 48])
  })

  it('keeps its keys over a restart', async () => {
    const fixture = stackFixture()
    const first = await start(fixture)
    const key = first.endpoint.ssm.get('/weir/local/control-key')?.value
    await first.stop()
    const second = await start(fixture)
    expect(second.endpoint.ssm.get('/weir/local/write-keys')?.value).toBe('local')
    expect(second.endpoint.ssm.get('/weir/local/control-key')?.value).toBe(key)
    expect(key).toMatch(/^[\da-f]{64}$/)
  })

  it('takes over the folder of a stack that was killed, and leaves alone that of a living one', async () => {
    const fixture = stackFixture()
    const killed = spawn(process.execPath, ['-e', ''])
    await once(killed, 'exit')
    const first = await start(fixture)
    const living = String(process.ppid)
    await first.stop()
    writeFileSync(join(fixture.dataDir, 'lock'), living)
    await expect(start(fixture)).rejects.toThrow(`in use by another stack (process ${living})`)
    writeFileSync(join(fixture.dataDir, 'lock'), String(killed.pid))
    await expect(start(fixture)).resolves.toBeDefined()
  })
})

describe('npm start', () => {
  const run = (...parameters: string[]) => {
    const dataDir = mkdtempSync(join(tmpdir(), 'weir-start-'))
    // The package is made before all tests (test/support/package-once.ts): two at a time would share a folder of the framework.
    symlinkSync(join(process.cwd(), '.weir/build'), join(dataDir, 'build'))
    const child = spawn(process.execPath, ['local/start.ts', '--empty', '--data', dataDir, ...parameters])
    onTestFinished(() => void child.kill('SIGKILL'))
    let output = ''
    child.stdout.setEncoding('utf8').on('data', (text) => {
      output += text
    })
    child.stderr.setEncoding('utf8').on('data', (text) => {
      output += text
    })
    return { child, outputOf: () => output, exit: once(child, 'close').then(([code]) => code) }
  }

  it('says in one line that a port is in use, and exits 1', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    onTestFinished(() => void server.close())
    const address = server.address()
    const port = typeof address === 'object' ? String(address?.port) : ''
    const web = run('--port', port, '--aws-port', '0')
    const aws = run('--port', '0', '--aws-port', port)
    expect([await web.exit, await aws.exit]).toEqual([1, 1])
    expect(web.outputOf()).toContain(`port ${port} is in use: stop what listens there, or use -- --port N\n`)
    expect(aws.outputOf()).toContain(`or use -- --aws-port N\n`)
  })

  it('says in one line that an argument is wrong, and exits 1', async () => {
    const unknown = run('--bogus')
    const wrong = run('--port', 'many')
    expect([await unknown.exit, await wrong.exit]).toEqual([1, 1])
    expect(unknown.outputOf()).toBe("Unknown option '--bogus'. npm start -- --help lists the options\n")
    expect(wrong.outputOf()).toBe('--port wants a number from 0 to 65535, not "many"\n')
  })

  it('is ready, and exits 0 at Ctrl-C', { timeout: 60_000 }, async () => {
    const started = run('--port', '0', '--aws-port', '0')
    await expect.poll(started.outputOf, { timeout: 50_000 }).toContain('Weir is ready')
    const url = /http:\/\/127\.0\.0\.1:\d+/.exec(started.outputOf())?.[0] ?? ''
    expect((await fetch(url)).status).toBe(200)
    started.child.kill('SIGINT')
    expect(await started.exit).toBe(0)
  })
})
