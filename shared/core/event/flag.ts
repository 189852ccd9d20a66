/** What was odd about an accepted event: kept in its row, so that anyone can count it. */
export type Flag =
  /** Not in the tracking plan. */
  | 'unplanned'
  /** It had no id: its origin serves as one. */
  | 'synthetic_id'
  /** Its id was longer than 100 characters: a hash of it serves as one. */
  | 'long_id'
  /** It had no usable time: its arrival serves as one. */
  | 'synthetic_time'
  /** One of its times made no sense and was left out. */
  | 'bad_timestamp'
  /** It claimed to come from the future. */
  | 'clock_clamped'
  /** It named no visitor. */
  | 'no_identity'
  /** It carried an empty user agent. */
  | 'empty_user_agent'
  /** Its user agent was cut. */
  | 'long_user_agent'
  /** It comes from a log line that lacks its end. */
  | 'cut_line'
