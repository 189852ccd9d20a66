import type { CellValue, EncodedState } from './accumulator.ts'
import { accumulators } from './accumulators.ts'
import type { AccumulatorKind } from './contribution.ts'
import { decimalToScaled, scaledToDecimal } from './scaled.ts'

/** A number too long for a JavaScript number: up to 38 digits, as DynamoDB has them. */
export type Decimal = { readonly decimal: string }

/** Estimates a person can read, beside the sketch that can be merged. */
export type SketchAttribute = {
  readonly sketch: Uint8Array
  readonly values: Readonly<Record<string, number>>
}

export type CellAttribute = number | Decimal | SketchAttribute

/** encoded: what the accumulator of the kind encodes for the state. */
export const stateToAttribute = (
  kind: AccumulatorKind,
  state: unknown,
  encoded: EncodedState = accumulators[kind].encode(state),
): CellAttribute => {
  switch (kind) {
    case 'count':
    case 'min':
    case 'max':
      return Number(encoded)
    case 'sum':
      return { decimal: scaledToDecimal(BigInt(encoded)) }
    case 'unique':
    case 'quantiles':
      return { sketch: Buffer.from(String(encoded)), values: namedValues(accumulators[kind].result(state)) }
  }
}

/** What the accumulator of the kind encodes for the state: it throws on decoding what is none of its own. */
export const attributeToEncoded = (kind: AccumulatorKind, attribute: CellAttribute): EncodedState => {
  if (typeof attribute === 'number')
    return kind === 'sum' ? decimalToScaled(String(attribute)).toString() : attribute
  if ('sketch' in attribute) return Buffer.from(attribute.sketch).toString()
  return kind === 'sum' ? decimalToScaled(attribute.decimal).toString() : Number(attribute.decimal)
}

const namedValues = (value: CellValue): Readonly<Record<string, number>> => {
  if (value === null) return {}
  return typeof value === 'number' ? { value } : value
}
