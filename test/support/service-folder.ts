import { copyFileSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const projectFolder = join(import.meta.dirname, '..', '..')

const parts = [
  'analytics',
  'functions',
  'node_modules',
  'package.json',
  'serverless',
  'shared',
  'tsconfig.json',
]

/**
 * A folder of its own to package the service in: packaging writes to .serverless/ beside serverless.yml,
 * and tests that run at the same time must not meet there. Removed when disposed of.
 */
export function serviceFolder(): { readonly path: string; [Symbol.dispose](): void } {
  const path = mkdtempSync(join(tmpdir(), 'weir-service-'))
  for (const part of parts) symlinkSync(join(projectFolder, part), join(path, part))
  // The framework does not follow a link here.
  copyFileSync(join(projectFolder, 'serverless.yml'), join(path, 'serverless.yml'))
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) }
}
