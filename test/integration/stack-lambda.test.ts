import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { afterEach, describe, expect, it } from 'vitest'
import type { FunctionDeclaration } from '../../local/stack/declaration.ts'
import { bundleOf } from '../../local/stack/handler-file.ts'
import type { Invocation } from '../../local/stack/invocation.ts'
import { lambdaEnvironment } from '../../local/stack/lambda-environment.ts'
import { LambdaPool } from '../../local/stack/lambda-pool.ts'

const open: LambdaPool[] = []
const failed: Invocation[] = []
let logged = ''

afterEach(async () => {
  for (const pool of open.splice(0)) await pool.close()
  failed.length = 0
  logged = ''
})

/** A pool of the function whose bundle is this text. */
function poolOf(
  bundle: string,
  overrides: Partial<FunctionDeclaration & { maxContainers: number; keepIdleMs: number }> = {},
) {
  const taskRoot = mkdtempSync(join(tmpdir(), 'weir-lambda-'))
  writeFileSync(join(taskRoot, 'handler.cjs'), bundle)
  const declared = {
    name: 'weir-local-enrich',
    handler: 'handler.handler',
    zip: 'enrich.zip',
    memoryMb: 128,
    timeoutMs: 3000,
    environment: { STAGE: 'local' },
    maxContainers: 2,
    keepIdleMs: Number.POSITIVE_INFINITY,
    ...overrides,
  }
  const pool = new LambdaPool({
    birth: {
      ...bundleOf(taskRoot, declared.handler),
      functionName: declared.name,
      functionArn: `arn:aws:lambda:us-east-1:000000000000:function:${declared.name}`,
      memoryMb: declared.memoryMb,
      timeoutMs: declared.timeoutMs,
    },
    environment: lambdaEnvironment(declared, { taskRoot, endpointUrl: 'http://127.0.0.1:1' }),
    maxContainers: declared.maxContainers,
    keepIdleMs: declared.keepIdleMs,
    log: (text) => {
      logged += text
    },
    onFailure: (failure) => failed.push(failure),
  })
  open.push(pool)
  return pool
}

async function answerOf(pool: LambdaPool, event: unknown = {}): Promise<unknown> {
  const invocation = await pool.invoke(JSON.stringify(event))
  return invocation.kind === 'returned' ? JSON.parse(invocation.payload) : invocation
}

describe('a function', () => {
  it('gets its event and a context, and answers with what it returns', async () => {
    const pool = poolOf(`exports.handler = async (event, context) => ({
      event, name: context.functionName, arn: context.invokedFunctionArn, memory: context.memoryLimitInMB,
      id: context.awsRequestId, left: context.getRemainingTimeInMillis(),
    })`)
    expect(await answerOf(pool, { a: 1 })).toEqual({
      event: { a: 1 },
      name: 'weir-local-enrich',
      arn: 'arn:aws:lambda:us-east-1:000000000000:function:weir-local-enrich',
      memory: '128',
      id: expect.stringMatching(/^[\da-f-]{36}$/),
      left: expect.toSatisfy((left) => left > 1000 && left <= 3000),
    })
  })

  it('sees its own environment and nothing of ours', async () => {
    process.env.WEIR_TEST_SECRET = 'ours'
    const pool = poolOf('process.env.SET = "theirs"; exports.handler = async () => process.env')
    expect(await answerOf(pool)).toMatchObject({
      STAGE: 'local',
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'enrich',
      AWS_LAMBDA_FUNCTION_NAME: 'weir-local-enrich',
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '128',
      AWS_ENDPOINT_URL: 'http://127.0.0.1:1',
    })
    expect(await answerOf(pool)).not.toHaveProperty('WEIR_TEST_SECRET')
    expect(process.env.SET).toBeUndefined()
    delete process.env.WEIR_TEST_SECRET
  })

  it('keeps what it holds in memory from one invocation to the next', async () => {
    const pool = poolOf('let count = 0; exports.handler = async () => ++count')
    expect([await answerOf(pool), await answerOf(pool)]).toEqual([1, 2])
  })

  it('is loaded anew when nobody has wanted it for a while', async () => {
    const pool = poolOf('let count = 0; exports.handler = async () => ++count', { keepIdleMs: 20 })
    expect([await answerOf(pool), await answerOf(pool)]).toEqual([1, 2])
    await expect.poll(() => answerOf(pool), { interval: 100 }).toBe(1)
  })

  it('answers every call, also one that comes while its container goes', async () => {
    const pool = poolOf('exports.handler = async (event) => event', { keepIdleMs: 1 })
    const answers: unknown[] = []
    for (let n = 0; n < 6; n++) {
      // The timer of the container and this one end in the same turn.
      await setTimeout(1)
      answers.push(await answerOf(pool, n))
    }
    expect(answers).toEqual([0, 1, 2, 3, 4, 5])
    expect(failed).toEqual([])
  })

  it('takes the next call after one whose payload could not be made', async () => {
    const pool = poolOf('exports.handler = async (event) => event', { maxContainers: 1 })
    const gone = pool.invoke(() => {
      throw new Error('the records are gone')
    })
    await expect(gone).rejects.toThrow('the records are gone')
    expect(await answerOf(pool, 'next')).toBe('next')
  })

  it('fails with the type and message of what it throws, and lives on', async () => {
    const pool = poolOf(
      'let count = 0; exports.handler = async () => { if (++count === 1) throw new TypeError("odd"); return count }',
    )
    expect(await answerOf(pool)).toMatchObject({
      kind: 'failed',
      errorType: 'TypeError',
      errorMessage: 'odd',
    })
    expect(await answerOf(pool)).toBe(2)
    expect(failed).toHaveLength(1)
    expect(logged).toContain('"errorMessage":"odd"')
  })

  it('is killed at its timeout, even in an endless loop, and starts anew', async () => {
    const pool = poolOf(
      'let count = 0; exports.handler = async (e) => { count++; while (e.forever); return count }',
      { timeoutMs: 100 },
    )
    expect(await answerOf(pool, {})).toBe(1)
    expect(await answerOf(pool, { forever: true })).toMatchObject({ kind: 'failed', timedOut: true })
    expect(await answerOf(pool, {})).toBe(1)
  })

  it('fails when its process exits, and starts anew', async () => {
    const pool = poolOf('exports.handler = async (e) => { if (e.exit) process.exit(1); return "fine" }')
    expect(await answerOf(pool, { exit: true })).toMatchObject({ errorType: 'Runtime.ExitError' })
    expect(await answerOf(pool)).toBe('fine')
  })

  it('fails when it needs more memory than declared', async () => {
    const pool = poolOf(
      'exports.handler = async () => { const all = []; for (;;) all.push(new Array(1e5).fill({})) }',
      { memoryMb: 64 },
    )
    expect(await answerOf(pool)).toMatchObject({ kind: 'failed', timedOut: false })
  })

  it('says why it does not load', async () => {
    const pool = poolOf('require("no-such-module")')
    expect(await answerOf(pool)).toMatchObject({ errorMessage: expect.stringContaining('no-such-module') })
  })

  it('says that its handler is not exported', async () => {
    const pool = poolOf('exports.other = 1')
    expect(await answerOf(pool)).toMatchObject({ errorMessage: expect.stringContaining('"handler"') })
  })

  it('has what it prints in its log', async () => {
    const pool = poolOf('exports.handler = async () => { console.log("out"); console.error("err") }')
    await answerOf(pool)
    await expect
      .poll(() => logged)
      .toEqual(expect.toSatisfy((text) => text.includes('out') && text.includes('err')))
  })

  it('runs one invocation at a time in a container, and in no more containers than allowed', async () => {
    const pool = poolOf(
      `let running = 0; const { threadId } = require('node:worker_threads')
       exports.handler = async () => {
         const seen = ++running; await new Promise((r) => setTimeout(r, 20)); running--; return { seen, threadId }
       }`,
    )
    const answers = await Promise.all(Array.from({ length: 6 }, () => answerOf(pool)))
    expect(answers).toEqual(answers.map(() => ({ seen: 1, threadId: expect.any(Number) })))
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(2)
  })
})
