import * as Type from 'typebox'
import type { BadReason } from '../bad-row/bad-row.ts'
import { createValidator } from '../plan/validator.ts'
import { isObject, type JsonObject } from './json.ts'
import { fromPinpoint, isPinpointEvent } from './pinpoint.ts'

/** https://segment.com/docs/connections/spec/ */
export const eventTypes = ['track', 'page', 'screen', 'identify', 'group', 'alias'] as const
export type EventType = (typeof eventTypes)[number]

/** An event whose shape is known to be right; what it says is not yet cleaned. */
export type Envelope = {
  readonly type: EventType
  /** What it is called: the event of a track call, 'Page Viewed' for a page call, and so on. */
  readonly name: string
  readonly messageId: string | number | undefined
  readonly anonymousId: string | number | undefined
  readonly userId: string | number | undefined
  readonly groupId: string | number | undefined
  readonly previousId: string | number | undefined
  /** `name` of a page or screen call. */
  readonly title: string | undefined
  readonly timestamp: unknown
  readonly originalTimestamp: unknown
  readonly sentAt: unknown
  readonly properties: JsonObject
  readonly traits: JsonObject
  readonly context: JsonObject
}

const nameOf: Readonly<Record<Exclude<EventType, 'track'>, string>> = {
  page: 'Page Viewed',
  screen: 'Screen Viewed',
  identify: 'Identify',
  group: 'Group',
  alias: 'Alias',
}

export const maxNameChars = 256

const nullable = (schema: Parameters<typeof Type.Optional>[0]) =>
  Type.Optional(Type.Union([schema, Type.Null()]))
const id = nullable(Type.Union([Type.String(), Type.Number()]))
const object = nullable(Type.Object({}))

const shared = {
  messageId: id,
  anonymousId: id,
  userId: id,
  groupId: id,
  previousId: id,
  name: nullable(Type.String()),
  properties: object,
  traits: object,
  context: object,
}

const trackErrors = createValidator(
  Type.Object({
    type: Type.Literal('track'),
    event: Type.String({ minLength: 1, maxLength: maxNameChars }),
    ...shared,
  }),
  'bad_envelope',
)
const otherErrors = createValidator(
  Type.Object({ type: Type.Enum([...eventTypes]), ...shared }),
  'bad_envelope',
)

export type ReadEnvelope =
  | { readonly ok: true; readonly envelope: Envelope }
  | { readonly ok: false; readonly reasons: readonly BadReason[] }

/**
 * An object with no `type` but an `event` is a track call (Amplify's `record` takes any JSON, and such JSON is what people
 * write by hand); Pinpoint's stream events are mapped; anything else without a type is refused.
 */
export const readEnvelope = (value: JsonObject): ReadEnvelope => {
  const event = asSegmentEvent(value)
  const reasons = event.type === 'track' ? trackErrors(event) : otherErrors(event)
  if (reasons !== undefined) return { ok: false, reasons }
  const type = event.type as EventType
  return {
    ok: true,
    envelope: {
      type,
      name: type === 'track' ? (event.event as string).toWellFormed() : nameOf[type],
      messageId: idOf(event.messageId),
      anonymousId: idOf(event.anonymousId),
      userId: idOf(event.userId),
      groupId: idOf(event.groupId),
      previousId: idOf(event.previousId),
      title: typeof event.name === 'string' ? event.name : undefined,
      timestamp: event.timestamp,
      originalTimestamp: event.originalTimestamp,
      sentAt: event.sentAt,
      properties: objectOf(event.properties),
      traits: objectOf(event.traits),
      context: objectOf(event.context),
    },
  }
}

const asSegmentEvent = (value: JsonObject): JsonObject => {
  if (value.type !== undefined) return value
  if (isPinpointEvent(value)) return fromPinpoint(value)
  return typeof value.event === 'string' ? { ...value, type: 'track' } : value
}

const nothing: JsonObject = {}

const objectOf = (value: unknown): JsonObject => (isObject(value) ? value : nothing)

const idOf = (value: unknown): string | number | undefined =>
  typeof value === 'number' || (typeof value === 'string' && value !== '') ? value : undefined
