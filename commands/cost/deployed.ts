import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { parse } from 'yaml'
import type { Deployed } from './monthly-units.ts'
import type { Windows } from './scenario.ts'

const projectDir = join(import.meta.dirname, '../..')

/** What a stage on AWS has by serverless.yml, as far as it costs something by itself. */
export async function deployedOf(given: { readonly retentionHours: number | undefined }): Promise<Deployed> {
  const { params } = yaml('serverless.yml')
  const { EventsDelivery: events } = yaml('serverless/deliveries.yml').Resources
  const alarms: (o: {
    resolveVariable: (name: string) => Promise<unknown>
  }) => Promise<{ Resources: object }> = createRequire(import.meta.url)(
    join(projectDir, 'serverless/alarms.cjs'),
  )
  const { deliverySeconds, retentionHours } = params.default
  const hints = events.Properties.ExtendedS3DestinationConfiguration.BufferingHints
  const resolveVariable = async (name: string) => (name === 'param:deliverySeconds' ? deliverySeconds : name)
  return {
    retentionHours: given.retentionHours ?? numberOf(retentionHours, 'retentionHours'),
    deliverySeconds: numberOf(deliverySeconds, 'deliverySeconds'),
    deliveryMb: numberOf(hints.SizeInMBs, 'SizeInMBs of EventsDelivery'),
    alarms: Object.keys((await alarms({ resolveVariable })).Resources).length,
  }
}

/** As serverless.yml has it unless a stage says otherwise. */
export function declared(): { readonly windows: Windows; readonly lanes: number; readonly publish: string } {
  const { default: params } = yaml('serverless.yml').params
  return {
    windows: {
      archive: numberOf(params.archiveWindowSeconds, 'archiveWindowSeconds'),
      enrich: numberOf(params.enrichWindowSeconds, 'enrichWindowSeconds'),
      aggregate: numberOf(params.aggregateWindowSeconds, 'aggregateWindowSeconds'),
    },
    lanes: numberOf(params.lanes, 'lanes'),
    publish: String(params.publish),
  }
}

/** A bill must not take what it does not find for nothing. */
function numberOf(value: unknown, name: string): number {
  const number = Number(value)
  if (value === undefined || !Number.isFinite(number))
    throw new Error(`serverless.yml: cost needs ${name} as a number, not ${JSON.stringify(value)}`)
  return number
}

const yaml = (path: string) => parse(readFileSync(join(projectDir, path), 'utf8'))
