import { isObject, type Json, type JsonObject } from './intrinsic.ts'

export function text(value: Json | undefined, name: string): string {
  if (typeof value !== 'string') throw new Error(`${name} is not a text`)
  return value
}

export function optionalText(value: Json | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined
}

/** CloudFormation takes numbers as text too. */
export function integer(value: Json | undefined, otherwise: number): number {
  const number = Number(value ?? otherwise)
  if (!Number.isInteger(number)) throw new Error(`${String(value)} is not a whole number`)
  return number
}

export function isTrue(value: Json | undefined): boolean {
  return value === true || value === 'true'
}

export function texts(value: Json | undefined): string[] {
  return Array.isArray(value) ? value.map(String) : []
}

export function objects(value: Json | undefined): JsonObject[] {
  return Array.isArray(value) ? value.filter(isObject) : []
}
