import type { TSchema } from 'typebox'
import { Compile } from 'typebox/schema'
import { Settings } from 'typebox/system'
import type { BadReason, BadReasonCode } from '../bad-row/bad-row.ts'

// The default of 8 would hide the rest of an event's errors.
Settings.Set({ maxErrors: 100 })

/** Every violation of the schema; undefined when there is none. Paths start with `path`. */
export type Validator = (value: unknown) => readonly BadReason[] | undefined

/**
 * The schema compiled once; checking is fast, and only a violation costs the search for all of them. The first value has it
 * compiled: all schemas of a plan are a tenth of a cold start, and a container may never see some of its events.
 */
export const createValidator = (schema: TSchema, code: BadReasonCode, path = ''): Validator => {
  let compiled: Compiled | undefined
  return (value) => {
    compiled ??= Compile(schema)
    if (compiled.Check(value)) return undefined
    const reasons: BadReason[] = []
    for (const { keyword, schemaPath, instancePath, params, message } of compiled.Errors(value)[1]) {
      // The branches of a union repeat what the union itself says.
      if (schemaPath.includes('/anyOf/')) continue
      for (const missing of missingProperties(keyword, params)) {
        reasons.push({
          code,
          path: `${path}${instancePath}${missing}`,
          message: missing === '' ? message : 'is missing',
        })
      }
    }
    return reasons
  }
}

type Compiled = ReturnType<typeof Compile<TSchema>>

const missingProperties = (keyword: string, params: object): readonly string[] => {
  if (keyword !== 'required' || !('requiredProperties' in params)) return ['']
  const { requiredProperties } = params
  if (!Array.isArray(requiredProperties)) return ['']
  return requiredProperties.map((name) => `/${String(name).replaceAll('~', '~0').replaceAll('/', '~1')}`)
}
