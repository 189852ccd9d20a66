import { AwsError } from './errors.ts'
import { LongText } from './long-text.ts'

/** The JSON input of a call; reading a member of the wrong type answers as AWS does. */
export class Input {
  /** As it came. */
  readonly value: object
  readonly #members: Readonly<Record<string, unknown>>

  constructor(value: unknown) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw new AwsError('SerializationException', 'Start of structure or map found where not expected')
    }
    this.value = value
    // An entry of a batch has two members and is read once: a map of them would cost more than it saves.
    this.#members = value as Readonly<Record<string, unknown>>
  }

  /** @param read how the JSON is read; with `parseWithLongTexts` only `text` and `blob` know long texts. */
  static parse(body: Buffer, read: (body: Buffer) => unknown = parsed): Input {
    if (body.length === 0) return new Input({})
    let value: unknown
    try {
      value = read(body)
    } catch {
      throw new AwsError('SerializationException', 'The request body is not JSON')
    }
    return new Input(value)
  }

  optionalText(name: string): string | undefined {
    return this.#read(name, 'string', (value) => textIn(value, 'utf8'))
  }

  text(name: string): string {
    return this.optionalText(name) ?? missing(name)
  }

  optionalNumber(name: string): number | undefined {
    return this.#read(name, 'number', (value) => (typeof value === 'number' ? value : undefined))
  }

  number(name: string): number {
    return this.optionalNumber(name) ?? missing(name)
  }

  optionalFlag(name: string): boolean | undefined {
    return this.#read(name, 'boolean', (value) => (typeof value === 'boolean' ? value : undefined))
  }

  optionalBlob(name: string): Buffer | undefined {
    const text = this.#read(name, 'string', (value) => textIn(value, 'latin1'))
    return text === undefined ? undefined : Buffer.from(text, 'base64')
  }

  blob(name: string): Buffer {
    return this.optionalBlob(name) ?? missing(name)
  }

  optionalObject(name: string): Input | undefined {
    return this.#read(name, 'object', (value) => new Input(value))
  }

  /** As it is, unread. */
  optionalRecord(name: string): Record<string, unknown> | undefined {
    return this.#read(name, 'object', (value) =>
      typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : undefined,
    )
  }

  object(name: string): Input {
    return this.optionalObject(name) ?? missing(name)
  }

  optionalList(name: string): unknown[] | undefined {
    return this.#read(name, 'array', (value) => (Array.isArray(value) ? value : undefined))
  }

  list(name: string): unknown[] {
    return this.optionalList(name) ?? missing(name)
  }

  #read<T>(name: string, type: string, accept: (value: unknown) => T | undefined): T | undefined {
    const value = Object.hasOwn(this.#members, name) ? this.#members[name] : undefined
    if (value === undefined || value === null) return undefined
    const accepted = accept(value)
    if (accepted === undefined) throw new AwsError('SerializationException', `${name} is not of type ${type}`)
    return accepted
  }
}

const parsed = (body: Buffer): unknown => JSON.parse(body.toString('utf8'))

/** @param encoding of a long one. */
function textIn(value: unknown, encoding: 'utf8' | 'latin1'): string | undefined {
  if (value instanceof LongText) return value.decode(encoding)
  return typeof value === 'string' ? value : undefined
}

function missing(name: string): never {
  const member = name.charAt(0).toLowerCase() + name.slice(1)
  throw new AwsError(
    'ValidationException',
    `1 validation error detected: Value null at '${member}' failed to satisfy constraint: Member must not be null`,
  )
}
