// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what JSON escapes
const mayNeedEscape = /["\\\u0000-\u001f\ud800-\udfff]/

/** A well-formed text as JSON has it between the quotes. */
export const inQuotes = (text: string): string =>
  mayNeedEscape.test(text) ? JSON.stringify(text).slice(1, -1) : text

/** A text as it stands between the quotes of JSON that is itself a text in JSON. Lone surrogates as in `jsonText`. */
export const inNestedQuotes = (text: string): string =>
  mayNeedEscape.test(text) ? JSON.stringify(jsonText(text)).slice(3, -3) : text

// An escaped backslash is matched first, so that `\\ud800`, which is six harmless characters, is left alone.
const loneSurrogate = /\\(?:\\|ud[89a-f][\da-f]{2})/g

/** A value as JSON text in which a lone surrogate has become U+FFFD: `JSON.stringify` writes it as an escape that no database reads. */
export const jsonText = (value: unknown): string => {
  const text = JSON.stringify(value)
  return text.includes('\\ud')
    ? text.replace(loneSurrogate, (found) => (found === '\\\\' ? found : '\ufffd'))
    : text
}
