import type { KinesisBatch } from './batch-event.ts'

/** What an invocation took, as the runtime measures it. */
export interface Usage {
  readonly durationMs: number
  /** Of the function's own thread. */
  readonly cpuMs: number
}

/** What became of one invocation. A failed one is data here: the caller decides whether to retry. */
export type Invocation =
  | {
      readonly kind: 'returned'
      readonly requestId: string
      readonly payload: string
      readonly usage?: Usage
    }
  | {
      readonly kind: 'failed'
      readonly requestId: string
      readonly errorType: string
      readonly errorMessage: string
      readonly timedOut: boolean
      readonly usage?: Usage
    }

/** An event as JSON, or as a batch of Kinesis, whose bytes are the function's from then on. */
export type Payload = string | KinesisBatch

/** Invokes one function. The event is made once a container is free: events that wait would be 6 MB each. */
export type Invoke = (event: () => Payload) => Promise<Invocation>

/** What the main thread asks of a worker: one invocation. */
export interface WorkerRequest {
  readonly requestId: string
  readonly payload: Payload
}

export type WorkerReply =
  | { readonly kind: 'ready' }
  | { readonly kind: 'returned'; readonly payload: string; readonly usage: Usage }
  | {
      readonly kind: 'threw'
      readonly errorType: string
      readonly errorMessage: string
      readonly stack: string
      /** Missing when it never ran, or did not end by itself. */
      readonly usage?: Usage
    }

/** What a worker is born with. */
export interface WorkerBirth {
  /** The bundle's file. */
  readonly file: string
  readonly exportName: string
  readonly functionName: string
  readonly functionArn: string
  readonly memoryMb: number
  readonly timeoutMs: number
}
