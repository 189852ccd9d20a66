// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what JSON escapes
const needsEscape = /["\\\u0000-\u001f\ud800-\udfff]/

/** A well-formed text as JSON: as `JSON.stringify`, in half the time for the short plain texts that most columns hold. */
export const quote = (text: string): string => (needsEscape.test(text) ? JSON.stringify(text) : `"${text}"`)

// An escaped backslash is matched first, so that `\\ud800`, which is six harmless characters, is left alone.
const loneSurrogate = /\\(?:\\|ud[89a-f][\da-f]{2})/g

/** A value as JSON text in which a lone surrogate has become U+FFFD: `JSON.stringify` writes it as an escape that no database reads. */
export const jsonText = (value: unknown): string => {
  const text = JSON.stringify(value)
  return text.includes('\\ud')
    ? text.replace(loneSurrogate, (found) => (found === '\\\\' ? found : '\ufffd'))
    : text
}
