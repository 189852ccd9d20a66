/** Numbers as people read them. The page speaks one language, whatever the browser's. */

const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 })
const short = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 })
const precise = new Intl.NumberFormat('en', { maximumSignificantDigits: 4 })
const rounded = new Intl.NumberFormat('en', { notation: 'compact', maximumSignificantDigits: 3 })
const sizes = ['bytes', 'kB', 'MB', 'GB', 'TB']
const regions = new Intl.DisplayNames('en', { type: 'region', fallback: 'code' })
const nothing = '–'

/** @param {(value: number) => string} format @returns {(value: number | null | undefined) => string} */
const orNothing = (format) => (value) =>
  value === null || value === undefined || Number.isNaN(value) ? nothing : format(value)

export const formatCount = orNothing((value) => whole.format(value))
export const formatShort = orNothing((value) => short.format(value))

/** Of any size: whole numbers whole, others with as many digits as matter. */
export const formatNumber = orNothing((value) =>
  Number.isInteger(value) ? whole.format(value) : precise.format(value),
)
/** The same for the marks of an axis, where there is little room. */
export const formatTick = orNothing((value) => rounded.format(value))

/** In steps of a thousand, as AWS bills. */
export const formatBytes = orNothing((value) => {
  const step = value < 1000 ? 0 : Math.min(sizes.length - 1, Math.floor(Math.log10(value) / 3))
  return `${step === 0 ? value : (value / 1000 ** step).toFixed(1)} ${sizes[step]}`
})

/** A share of 1 as per cent; small ones keep a digit, so that a few bad events do not read as none. */
export const formatShare = orNothing((share) => {
  const percent = share * 100
  return `${percent > 0 && percent < 9.95 ? percent.toFixed(1) : Math.round(percent)} %`
})

/** @param {string} currency */
export const moneyIn = (currency) => {
  const money = new Intl.NumberFormat('en', { ...styleOf(currency), maximumFractionDigits: 0 })
  return orNothing((value) => money.format(value))
}

export const formatDuration = orNothing((durationMs) => {
  const seconds = Math.round(durationMs / 1000)
  if (seconds < 60) return `${seconds} s`
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${pad(seconds % 60)} s`
  return `${Math.floor(seconds / 3600)} h ${pad(Math.floor(seconds / 60) % 60)} min`
})

/** For the marks of an axis, where there is little room. */
export const formatShortDuration = orNothing((durationMs) => {
  const seconds = Math.round(durationMs / 1000)
  if (seconds === 0) return '0'
  if (seconds % 60 !== 0 || seconds < 60) return `${seconds}s`
  return seconds % 3600 === 0 ? `${seconds / 3600}h` : `${seconds / 60}m`
})

/** @param {string} code ISO 3166-1 alpha-2; '' when the address belongs to no known country */
export function formatCountry(code) {
  if (!/^[A-Z]{2}$/.test(code)) return formatName(code)
  return regions.of(code) ?? code
}

/** @param {string} name */
export const formatName = (name) => (name === '' ? '(unknown)' : name)

/** `plan_violation` and its like, in words. @param {string} code */
export const formatCode = (code) => formatName(code).replaceAll('_', ' ')

/** @param {number} value */
const pad = (value) => String(value).padStart(2, '0')

/** A sum over several currencies has no sign of its own. @param {string} currency */
const styleOf = (currency) =>
  /^[A-Z]{3}$/.test(currency) ? { style: /** @type {const} */ ('currency'), currency } : {}
