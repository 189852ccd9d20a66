/** What became of one invocation. A failed one is data here: the caller decides whether to retry. */
export type Invocation =
  | { readonly kind: 'returned'; readonly requestId: string; readonly payload: string }
  | {
      readonly kind: 'failed'
      readonly requestId: string
      readonly errorType: string
      readonly errorMessage: string
      readonly timedOut: boolean
    }

/** Invokes one function with an event that is JSON already. */
export type Invoke = (payload: string) => Promise<Invocation>

/** What the main thread asks of a worker: one invocation. */
export interface WorkerRequest {
  readonly requestId: string
  readonly payload: string
}

export type WorkerReply =
  | { readonly kind: 'ready' }
  | { readonly kind: 'returned'; readonly payload: string }
  | {
      readonly kind: 'threw'
      readonly errorType: string
      readonly errorMessage: string
      readonly stack: string
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
