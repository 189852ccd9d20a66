/** Times of windows as text: days are days of UTC, hours and minutes are the reader's own. */
import { dayMs } from './ranges.js'

/** @param {number} stepMs */
export const isDaily = (stepMs) => stepMs >= dayMs

/** @param {number} startMs @param {number} stepMs */
export function timeText(startMs, stepMs) {
  const date = new Date(startMs)
  if (isDaily(stepMs)) {
    return date.toLocaleDateString('en-GB', { day: 'numeric', month: 'short', timeZone: 'UTC' })
  }
  return date.toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' })
}

/** Times of the lake, of any year, in UTC as its tables have them. @param {number} startMs @param {number} stepMs */
export function lakeTimeText(startMs, stepMs) {
  const text = new Date(startMs).toISOString()
  return isDaily(stepMs) ? text.slice(0, 10) : text.slice(0, 16).replace('T', ' ')
}
