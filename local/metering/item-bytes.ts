/**
 * The size of a DynamoDB item, as it is billed.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
 */
export function itemBytes(item: unknown): number {
  let bytes = 0
  for (const [name, value] of Object.entries(isRecord(item) ? item : {})) {
    bytes += Buffer.byteLength(name) + attributeBytes(value)
  }
  return bytes
}

/** A map or a list takes 3 bytes, and 1 more for each member. */
const nestingBytes = 3

function attributeBytes(attribute: unknown): number {
  const [typed] = Object.entries(isRecord(attribute) ? attribute : {})
  if (!typed) return 0
  const [type, value] = typed
  switch (type) {
    case 'S':
      return Buffer.byteLength(String(value))
    case 'N':
      return numberBytes(String(value))
    case 'B':
      return base64Bytes(String(value))
    case 'BOOL':
    case 'NULL':
      return 1
    case 'SS':
      return sum(value, (one) => Buffer.byteLength(String(one)))
    case 'NS':
      return sum(value, (one) => numberBytes(String(one)))
    case 'BS':
      return sum(value, (one) => base64Bytes(String(one)))
    case 'L':
      return nestingBytes + sum(value, (one) => 1 + attributeBytes(one))
    case 'M':
      return nestingBytes + itemBytes(value) + (isRecord(value) ? Object.keys(value).length : 0)
    default:
      return 0
  }
}

/** One byte for two significant digits, and one. */
function numberBytes(text: string): number {
  const [mantissa = ''] = text.toLowerCase().split('e')
  const digits = mantissa.replace(/[-+.]/g, '').replace(/^0+/, '')
  // Zeros at the end of a whole number, and of a fraction, are not significant either.
  const significant = digits.replace(/0+$/, '').length
  return Math.ceil(significant / 2) + 1 + (text.startsWith('-') ? 1 : 0)
}

/** Without decoding it. */
export function base64Bytes(text: string): number {
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0
  return (text.length / 4) * 3 - padding
}

function sum(list: unknown, bytesOf: (one: unknown) => number): number {
  return Array.isArray(list) ? list.reduce((total: number, one) => total + bytesOf(one), 0) : 0
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
