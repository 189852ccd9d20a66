/** Why an event was refused; the first reason of a bad row is the one it is counted under. */
export type BadReasonCode =
  | 'empty'
  | 'not_utf8'
  | 'not_json'
  | 'not_an_object'
  | 'bad_gzip'
  | 'truncated_gzip'
  | 'gzip_bomb'
  | 'nested_too_deep'
  | 'too_many_events'
  | 'bad_kpl_aggregate'
  | 'too_large'
  | 'bad_number'
  | 'bad_envelope'
  | 'bad_properties'
  | 'forged_control'

export type BadReason = {
  readonly code: BadReasonCode
  /** JSON pointer of the offending value, '' for the whole event. */
  readonly path: string
  readonly message: string
}

export type BadReasons = readonly [BadReason, ...BadReason[]]

/** An event that was refused, kept whole, with every reason. */
export type BadRow = {
  readonly reasons: BadReasons
}
