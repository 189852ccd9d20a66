/** The value of a command's option that takes a whole number. Throws one line when it is none. */
export const wholeNumber = (text: string, option: string): number => {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text)
  throw new Error(`${option} takes a whole number from 1 to 999999999, not ${text}`)
}
