import { UserError } from '../command-line/user-error.ts'

const times = { '': 1, k: 1e3, m: 1e6, b: 1e9 } as const

/** A number as people write it: 250k, 10M, 1.7B. */
export function quantity(option: string, text: string): number {
  const [, digits, unit = ''] = /^(\d+(?:\.\d+)?)([kmb]?)$/i.exec(text) ?? []
  const factor = Object.entries(times).find(([name]) => name === unit.toLowerCase())?.[1] ?? 1
  const value = Number(digits) * factor
  if (digits === undefined || value <= 0)
    throw new UserError(`--${option} takes a number such as 250k, 10M or 1.7B, not ${JSON.stringify(text)}`)
  return value
}
