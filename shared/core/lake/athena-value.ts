const maxExactDigits = 15

/** The value that a text of Athena stands for, as JSON can hold it: numbers where they are exact, ISO times. */
export function athenaValue(text: string | null, type: string): null | boolean | number | string {
  if (text === null) return null
  switch (type) {
    case 'boolean':
      return text === 'true'
    case 'tinyint':
    case 'smallint':
    case 'integer':
    case 'bigint':
      return Number.isSafeInteger(Number(text)) ? Number(text) : text
    case 'float':
    case 'double':
      return Number.isFinite(Number(text)) ? Number(text) : null
    case 'decimal':
      return text.replace(/\D/g, '').length <= maxExactDigits ? Number(text) : text
    case 'timestamp':
      return `${text.replace(' ', 'T')}Z`
    case 'timestamp with time zone':
      return `${text.replace(' UTC', '').replace(' ', 'T')}Z`
    default:
      return text
  }
}
