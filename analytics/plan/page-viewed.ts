import * as Type from 'typebox'
import { defineEvent } from '../../shared/core/plan/event-spec.ts'

/** Every `page` call counts as this event, so all that web servers and browsers send must fit. */
export const pageViewed = defineEvent({
  name: 'Page Viewed',
  version: '1.0.0',
  description: 'A page was shown to a visitor, or served to one by a web server',
  properties: Type.Object({
    url: Type.Optional(Type.String({ description: 'Address of the page' })),
    path: Type.Optional(Type.String({ description: 'Path of the page' })),
    title: Type.Optional(Type.String({ description: 'Title of the page' })),
    referrer: Type.Optional(Type.String({ description: 'Address the visitor came from' })),
    search: Type.Optional(Type.String({ description: 'Query of the page' })),
    method: Type.Optional(Type.String({ description: 'HTTP method, from an access log' })),
    status: Type.Optional(Type.Integer({ description: 'HTTP status, from an access log' })),
    bytes: Type.Optional(Type.Integer({ minimum: 0, description: 'Bytes sent, from an access log' })),
  }),
})
