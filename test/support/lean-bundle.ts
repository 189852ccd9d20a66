import { createRequire } from 'node:module'
import { join } from 'node:path'
import { build, type Metafile } from 'esbuild'

const root = join(import.meta.dirname, '../..')
const require = createRequire(import.meta.url)

export type Bundle<Exports> = {
  readonly exports: Exports
  readonly text: string
  readonly inputs: readonly string[]
}

/** What the functions' build makes of a module, loaded. */
export const bundleOf = async <Exports>(contents: string): Promise<Bundle<Exports>> => {
  const { outputFiles, metafile } = await build({
    stdin: { contents, resolveDir: root, loader: 'ts' },
    bundle: true,
    write: false,
    metafile: true,
    format: 'cjs',
    platform: 'node',
    mainFields: ['module', 'main'],
    plugins: require('../../serverless/lean-bundles.cjs'),
  })
  const text = outputFiles[0]?.text ?? ''
  const module = { exports: {} as Exports }
  new Function('module', 'exports', 'require', text)(module, module.exports, require)
  return { exports: module.exports, text, inputs: usedInputs(metafile) }
}

const usedInputs = ({ outputs }: Metafile): string[] =>
  Object.values(outputs).flatMap(({ inputs }) =>
    Object.entries(inputs).flatMap(([file, { bytesInOutput }]) => (bytesInOutput > 0 ? [file] : [])),
  )
