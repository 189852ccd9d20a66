/** An event source mapping, of whatever source. */
export interface Mapping {
  readonly declaration: { readonly functionName: string }
  /** Nothing is left that the mapping could do now. */
  readonly isCaughtUp: boolean
  /** Holds back the next batches; what is in flight ends. */
  pause(): void
  resume(): void
  /** Ends the invocations in flight and begins no other. */
  stop(): Promise<void>
}
