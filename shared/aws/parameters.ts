import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm'

const keepMs = 5 * 60_000

const kept = new Map<string, { readonly value: Promise<string>; readonly untilMs: number }>()

/** A parameter of the SSM store, decrypted; asked for at most every 5 minutes, so a changed key is soon known. */
export function getParameter(name: string, nowMs = Date.now()): Promise<string> {
  const known = kept.get(name)
  if (known && nowMs < known.untilMs) return known.value
  const value = fetchParameter(name)
  kept.set(name, { value, untilMs: nowMs + keepMs })
  // A failure is not an answer worth keeping.
  value.catch(() => kept.delete(name))
  return value
}

async function fetchParameter(name: string): Promise<string> {
  const answer = await sharedClient().send(new GetParameterCommand({ Name: name, WithDecryption: true }))
  const value = answer.Parameter?.Value
  if (value === undefined) throw new Error(`SSM parameter ${name} has no value`)
  return value
}

let client: SSMClient | undefined
function sharedClient(): SSMClient {
  client ??= new SSMClient({})
  return client
}
