import { readFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { build, type Plugin } from 'esbuild'
import type { Mutant } from './mutants.ts'

const codec = join(import.meta.dirname, 'codec.ts')
const root = join(import.meta.dirname, '../..')

/** The simulation as one file, with the mutant's edit in it. Throws when the edit does not apply exactly once. */
export const buildSimulation = async (outfile: string, mutant?: Mutant): Promise<void> => {
  let applied = 0
  const edit: Plugin = {
    name: 'mutant',
    setup(building) {
      building.onResolve({ filter: /^node:zlib$/ }, ({ importer }) =>
        importer === codec ? undefined : { path: codec },
      )
      building.onLoad({ filter: /\.ts$/ }, async ({ path }) => {
        if (mutant === undefined || relative(root, path) !== mutant.file) return undefined
        const source = await readFile(path, 'utf8')
        applied = source.split(mutant.find).length - 1
        return { contents: source.replace(mutant.find, () => mutant.replace), loader: 'ts' }
      })
    },
  }
  await build({
    entryPoints: [join(import.meta.dirname, 'worker.ts')],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    mainFields: ['module', 'main'],
    // What CommonJS packages in the bundle need.
    banner: {
      js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
    },
    plugins: [edit],
    logLevel: 'silent',
  })
  if (mutant !== undefined && applied !== 1)
    throw new Error(`mutant "${mutant.name}": its text stands ${applied} times in ${mutant.file}`)
}
