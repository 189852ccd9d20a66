import { setTimeout as sleep } from 'node:timers/promises'
import type { Endpoint } from '../aws/endpoint.ts'
import type { HttpGateway } from './http-gateway.ts'
import type { Lambdas } from './lambdas.ts'
import type { Mapping } from './mapping.ts'
import type { Scheduler } from './schedule.ts'

export interface Stopping {
  readonly gateway: HttpGateway
  readonly scheduler: Scheduler
  readonly mappings: readonly Mapping[]
  readonly lambdas: Lambdas
  readonly endpoint: Endpoint
  unlock(): void
}

const drainMs = 5000
const inFlightMs = 10_000

/** Stops from the source down, so that what came in is in the lake when it ends, unless it takes too long. */
export async function stopStack(parts: Stopping): Promise<void> {
  const { gateway, scheduler, mappings, lambdas, endpoint, unlock } = parts
  await within(inFlightMs, Promise.all([scheduler.stop(), gateway.close()]))
  await drained(mappings)
  const stopped = Promise.all(mappings.map((mapping) => mapping.stop()))
  await within(inFlightMs, stopped)
  // What still runs ends here as failed; its batch comes again with the next start.
  await lambdas.close()
  await stopped
  await endpoint.close()
  unlock()
}

async function drained(mappings: readonly Mapping[]): Promise<void> {
  const deadlineMs = Date.now() + drainMs
  while (mappings.some((mapping) => !mapping.isCaughtUp) && Date.now() < deadlineMs) await sleep(20)
}

async function within(maxMs: number, work: Promise<unknown>): Promise<void> {
  const timeout = new AbortController()
  await Promise.race([work, sleep(maxMs, undefined, { signal: timeout.signal }).catch(() => {})])
  timeout.abort()
}
