import { isObject, type JsonObject } from './json.ts'

/** What a Segment batch says of all its events. */
export type Shared = { readonly context: JsonObject | undefined; readonly sentAt: unknown }

export const sharedOfBatch = (batch: JsonObject): Shared => ({
  context: isObject(batch.context) ? batch.context : undefined,
  sentAt: batch.sentAt,
})

/** Segment: what the batch says holds for each of its events, unless the event says otherwise. */
export const withShared = (event: JsonObject, shared: Shared): JsonObject => {
  if (shared.context === undefined && shared.sentAt === undefined) return event
  const context = isObject(event.context) ? { ...shared.context, ...event.context } : event.context
  return {
    ...event,
    context: context ?? shared.context,
    sentAt: event.sentAt ?? shared.sentAt,
  }
}
