import { constants, zstdCompressSync } from 'node:zlib'
import type { EpochMs } from '../../shared/core/event/outcome.ts'
import type { Delta } from '../../shared/core/lane/segment.ts'
import type { OpenSession } from '../../shared/core/session/session.ts'

export type VisitorSessions = {
  readonly visitor: string
  readonly version: number
  readonly sessions: readonly OpenSession[]
}

/** Raw shard → sequence number → indexes. */
export type OldOrigins = ReadonlyMap<string, ReadonlyMap<string, readonly number[]>>

type OldDelta = Omit<Delta, 'visitors' | 'origins'> & { readonly origins: OldOrigins }

/** A segment as it was written before origins were words: format 3. */
export const segmentOfFormat3 = (
  { panes, ids, origins, latest }: OldDelta,
  visitors: Uint8Array,
): Uint8Array => {
  const head = {
    format: 3,
    panes: [...panes].map(([key, pane]) => ({ key, ...pane, cells: [...pane.cells] })),
    ids: [...ids].map(([minute, keys]) => [minute, keys.length]),
    origins: [...origins].map(([shard, records]) => [shard, [...records]]),
    ...(latest.size > 0 && { latest: [...latest] }),
  }
  return compressed(Buffer.concat([Buffer.from(`${JSON.stringify(head)}\n`), ...ids.values(), visitors]))
}

const compressed = (content: Buffer): Uint8Array =>
  zstdCompressSync(content, {
    params: { [constants.ZSTD_c_compressionLevel]: 1, [constants.ZSTD_c_checksumFlag]: 1 },
  })

/** A segment as it was written before visitors were records: format 1, or 2 with latest values. */
export const oldSegment = (
  { panes, ids, origins, latest }: OldDelta,
  visitors: readonly VisitorSessions[],
): Uint8Array => {
  const head = {
    format: latest.size === 0 ? 1 : 2,
    panes: [...panes].map(([key, pane]) => ({ key, ...pane, cells: [...pane.cells] })),
    ids: [...ids].map(([minute, keys]) => [minute, Buffer.from(keys).toString('base64')]),
    origins: [...origins].map(([shard, records]) => [shard, [...records]]),
    ...(latest.size > 0 && { latest: [...latest] }),
  }
  const lines = visitors.map((of) => `${asciiJson(of.visitor)}\t${visitorLine(of)}`)
  return compressed(Buffer.from([asciiJson(head), ...lines].join('\n'), 'latin1'))
}

// version \t start,closesAfter;start,closesAfter \t JSON of the sessions
const visitorLine = ({ version, sessions }: VisitorSessions): string => {
  const times = sessions.map(({ start, closesAfter }) => `${start},${closesAfter}`).join(';')
  return `${version}\t${times}\t[${sessions.map(sessionJson).join()}]`
}

const asciiJson = (value: unknown): string => {
  const json = JSON.stringify(value)
  if (!beyondAscii.test(json)) return json
  return json.replace(everyBeyondAscii, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

const beyondAscii = /[\u0080-\uffff]/
const everyBeyondAscii = /[\u0080-\uffff]/g

type Text = OpenSession['userId']

const factNames = [
  'referrerHost',
  'channel',
  'utmSource',
  'utmMedium',
  'utmCampaign',
  'country',
  'deviceClass',
  'browser',
  'os',
] as const

const sessionJson = (session: OpenSession): string => {
  const events: { readonly time: EpochMs; readonly key: string }[] = []
  const placeOf = (event: { readonly time: EpochMs; readonly key: string }): number => {
    const known = events.findIndex(({ time, key }) => time === event.time && key === event.key)
    return known === -1 ? events.push(event) - 1 : known
  }
  const textJson = (text: Text): string => (text === null ? '0' : `[${placeOf(text)},${quoted(text.text)}]`)
  const { id, start, end, lastArrival, closesAfter, first, absorbedIds } = session
  const times = `${start},${end},${lastArrival},${closesAfter}`
  const counts = `${session.events},${session.pageViews},"${session.revenue}",${session.isBot},${session.late}`
  const texts = `${textJson(session.anonymousId)},${textJson(session.userId)},${textJson(session.entryPage)},${textJson(session.exitPage)}`
  const firstPlace = placeOf(first)
  const facts = factNames.map((name) => quoted(first.facts[name])).join()
  const marks = events.map(({ time, key }) => `[${time},${quoted(key)}]`).join()
  const absorbed = absorbedIds.map(quoted).join()
  return `[[${quoted(id)},${session.order},${times},${counts}],[${marks}],${firstPlace},[${facts}],[${texts}],[${absorbed}]]`
}

/** As JSON, all ASCII. */
const quoted = (text: string): string => (plainText.test(text) ? `"${text}"` : asciiJson(text))

/** Printable ASCII without quote and backslash. */
const plainText = /^[ !#-[\]-~]*$/
