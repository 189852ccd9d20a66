import type { TObject, TProperties } from 'typebox'

/** One event of the tracking plan: what it is called and what its properties must look like. */
export type EventSpec<Properties extends TProperties = TProperties> = {
  readonly name: string
  /** Semantic: a change that breaks clients is a new major version. */
  readonly version: string
  readonly description: string
  readonly properties: TObject<Properties>
}

export const defineEvent = <Properties extends TProperties>(
  spec: EventSpec<Properties>,
): EventSpec<Properties> => spec

/** Where the plan keeps an event: 'Order Completed' lives in plan/order-completed.ts. */
export const planFile = (name: string): string =>
  `plan/${name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')}.ts`
