/** The fields of a query's parameters. */
import { element } from './dom.js'

/**
 * @typedef {{ name: string, type: string, choices?: readonly string[], default: string, comment: string }} Parameter
 * @typedef {{ name: string, question: string, parameters: readonly Parameter[],
 *   columns: readonly { name: string, type: string, comment: string }[] }} Query
 */

/** @param {Parameter} parameter */
export function fieldOf({ name, type, choices, default: preset, comment }) {
  const id = `parameter-${name}`
  const label = element('label', '', name.replaceAll('_', ' '))
  label.setAttribute('for', id)
  const hint = element('small', '', `${comment}${choices ? '' : ` (${type})`}`)
  hint.id = `${id}-hint`
  const control = choices ? selectOf(choices) : element('input', '')
  control.id = id
  control.setAttribute('name', name)
  control.setAttribute('aria-describedby', hint.id)
  control.setAttribute('autocomplete', 'off')
  control.setAttribute('spellcheck', 'false')
  Object.assign(control, { value: preset })
  return element('div', 'field', label, control, hint)
}

/** @param {readonly string[]} choices */
export function selectOf(choices) {
  return element('select', '', ...choices.map((choice) => new Option(choice, choice)))
}

/**
 * What the form says that is not the default anyway.
 * @param {Query} query @param {FormData} form @returns {Record<string, string>}
 */
export function givenIn({ parameters }, form) {
  const given = parameters.map(({ name }) => [name, String(form.get(name) ?? '')])
  return Object.fromEntries(given.filter(([, text], at) => text !== parameters[at]?.default))
}
