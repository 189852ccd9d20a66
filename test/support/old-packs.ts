import { constants, zstdCompressSync } from 'node:zlib'
import type { OldWireAccepted, OldWireFacts, OldWireQuarantined } from '../../shared/core/lane/old-packs.ts'
import type { EventsPack, LaneAccepted, LaneEvent, LanePack } from '../../shared/core/lane/pack.ts'
import type { EventFacts } from '../../shared/core/session/session.ts'
import { rowByColumn } from './row-by-column.ts'

/** As version 0.1.0 packed: a line of headers as JSON, then the rows, a line each, those of events by the names of their columns. */
export const encodeOldPack = (pack: LanePack): Uint8Array => {
  const lines = pack.kind === 'events' ? eventLines(pack) : [JSON.stringify({ v: 1, ...pack })]
  return zstdCompressSync(lines.join('\n'), {
    params: { [constants.ZSTD_c_compressionLevel]: 1, [constants.ZSTD_c_checksumFlag]: 1 },
  })
}

const eventLines = ({ kind, lanes, lane, settings, metrics, events }: EventsPack): string[] => {
  const records = [
    ...new Map(
      events.map(({ origin: { shardId, sequenceNumber }, receivedAt }) => [
        sequenceNumber,
        [shardId, sequenceNumber, receivedAt],
      ]),
    ).values(),
  ]
  const recordOf = ({ origin }: LaneEvent) =>
    records.findIndex(([, number]) => number === origin.sequenceNumber)
  const v = events.some((event) => event.verdict === 'accepted' && event.latest?.length) ? 2 : 1
  const header = {
    ...{ v, kind, lanes, lane, ...(settings && { settings }), metrics, records },
    events: events.map((event): OldWireAccepted | OldWireQuarantined =>
      event.verdict === 'accepted'
        ? wireAccepted(event, recordOf(event))
        : [recordOf(event), event.origin.index, event.reason],
    ),
  }
  const rows = events.map(({ verdict, row }) =>
    verdict === 'accepted' ? JSON.stringify(rowByColumn(row)) : row.toString(),
  )
  return [JSON.stringify(header), ...rows]
}

const wireAccepted = (event: LaneAccepted, record: number): OldWireAccepted => {
  const { origin, key, visitor, eventTime, facts, revenue, contributions, latest = [] } = event
  const cells = contributions.map(({ metric, value, dims }) => [metric, value, ...dims] as const)
  const wire = [record, origin.index, key, visitor, eventTime, wireFacts(facts), revenue, cells] as const
  return latest.length > 0 ? [...wire, latest] : wire
}

const wireFacts = (facts: EventFacts): OldWireFacts => [
  facts.anonymousId,
  facts.userId,
  facts.isPageView ? 1 : 0,
  facts.pagePath,
  facts.referrerHost,
  facts.channel,
  facts.utmSource,
  facts.utmMedium,
  facts.utmCampaign,
  facts.country,
  facts.deviceClass,
  facts.browser,
  facts.os,
  facts.isBot ? 1 : 0,
]
