import { existsSync } from 'node:fs'
import { join } from 'node:path'

const extensions = ['.cjs', '.js', '.mjs']

/** Finds the file and the export that `functions/enrich/handler.handler` names. */
export function bundleOf(taskRoot: string, handler: string): { file: string; exportName: string } {
  const dot = handler.lastIndexOf('.')
  const path = join(taskRoot, handler.slice(0, dot))
  const file = extensions.map((extension) => path + extension).find((candidate) => existsSync(candidate))
  if (!file) throw new Error(`handler ${handler}: there is no ${path}.cjs, .js or .mjs in the package`)
  return { file, exportName: handler.slice(dot + 1) }
}
