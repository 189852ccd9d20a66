import type { FunctionDeclaration } from '../stack/declaration.ts'
import type { Invoked } from '../stack/lambdas.ts'
import type { Meter } from './meter.ts'

/** A listener that tells the meter of each invocation, with the memory that its function is declared with. */
export function meteredInvocations(
  meter: Meter,
  functions: readonly FunctionDeclaration[],
): (invoked: Invoked) => void {
  const memoryMb = new Map(functions.map((declared) => [declared.name, declared.memoryMb]))
  return ({ functionName, invocation: { usage } }) =>
    meter.invoked(functionName, { memoryMb: memoryMb.get(functionName) ?? 0, usage })
}
