import { isObject, type JsonObject } from './json.ts'

/**
 * Amazon Pinpoint's event stream, which its SDKs go on writing to Kinesis after its end.
 * https://docs.aws.amazon.com/pinpoint/latest/developerguide/event-streams-data-app.html
 */
export const isPinpointEvent = (value: JsonObject): boolean =>
  typeof value.event_type === 'string' && (value.event_version !== undefined || isObject(value.client))

/** The same event as Segment would have it. Pinpoint gives no id; its attributes and metrics become properties. */
export const fromPinpoint = (value: JsonObject): JsonObject => {
  const client = objectAt(value, 'client')
  const device = objectAt(value, 'device')
  const locale = objectAt(device, 'locale')
  const isPage = value.event_type === 'pageView'
  return {
    type: isPage ? 'page' : 'track',
    event: value.event_type,
    messageId: value.event_id,
    anonymousId: client.client_id,
    userId: client.cognito_id,
    timestamp: value.event_timestamp,
    properties: { ...objectAt(value, 'attributes'), ...objectAt(value, 'metrics') },
    context: {
      app: value.application,
      device: { manufacturer: device.make, model: device.model },
      os: device.platform,
      locale: locale.code,
      session: value.session,
      library: { name: 'pinpoint' },
    },
  }
}

const objectAt = (value: JsonObject, key: string): JsonObject => {
  const child = value[key]
  return isObject(child) ? child : {}
}
