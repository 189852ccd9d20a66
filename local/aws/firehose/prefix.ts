/**
 * Evaluates a custom prefix, always in UTC. `!{timestamp:pattern}` is the arrival of the oldest record of the object;
 * `!{firehose:error-output-type}` and `!{firehose:random-string}` as Firehose has them. A prefix without a timestamp
 * gets `yyyy/MM/dd/HH/` behind it, as there.
 */
export function evaluatePrefix(
  prefix: string,
  o: { arrivalMs: number; errorType?: string; random: string },
): string {
  const whole = prefix.includes('!{timestamp:') ? prefix : `${prefix}!{timestamp:yyyy/MM/dd/HH/}`
  return whole.replace(/!\{(\w+):([^}]*)\}/g, (expression, namespace, argument) => {
    if (namespace === 'timestamp') return formatUtc(argument, o.arrivalMs)
    if (argument === 'error-output-type') return o.errorType ?? ''
    if (argument === 'random-string') return o.random
    throw new Error(`prefix "${prefix}": ${expression} is not an expression of Firehose`)
  })
}

/** The letters of a Java date pattern that prefixes use; text in quotes is taken as it is. */
export function formatUtc(pattern: string, ms: number): string {
  const date = new Date(ms)
  const two = (value: number) => String(value).padStart(2, '0')
  const fields: Record<string, string> = {
    yyyy: String(date.getUTCFullYear()).padStart(4, '0'),
    MM: two(date.getUTCMonth() + 1),
    dd: two(date.getUTCDate()),
    HH: two(date.getUTCHours()),
    mm: two(date.getUTCMinutes()),
    ss: two(date.getUTCSeconds()),
  }
  return pattern.replace(
    /'([^']*)'|yyyy|MM|dd|HH|mm|ss/g,
    (found, quoted) => quoted ?? fields[found] ?? found,
  )
}
