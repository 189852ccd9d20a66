/** Records of a CSV file (RFC 4180): fields in quotes may hold commas, line ends and doubled quotes. Empty lines are left out. */
export const parseCsv = (text: string): string[][] => {
  const records: string[][] = []
  let record: string[] = []
  // A field, and what ends it: a comma, a line end or the end of the text.
  const fields = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/y
  for (let end = 0; end < text.length; end = fields.lastIndex) {
    fields.lastIndex = end
    const found = fields.exec(text)
    if (found === null) throw new Error(`line ${lineOf(text, end)}: a quote in the wrong place`)
    const [, quoted, plain = '', separator] = found
    record.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'))
    if (separator === ',' && fields.lastIndex < text.length) continue
    // A comma at the very end has an empty field behind it.
    if (separator === ',') record.push('')
    if (record.length > 1 || record[0] !== '') records.push(record)
    record = []
  }
  return records
}

const lineOf = (text: string, place: number): number => text.slice(0, place).split('\n').length
