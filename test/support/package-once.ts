import { join } from 'node:path'
import { build } from '../../local/stack/build.ts'

const projectDir = join(import.meta.dirname, '../..')

/** Before all tests: every stack they start finds the package made, and none packages beside another. */
export const setup = async (): Promise<void> => {
  await build({ projectDir, buildDir: join(projectDir, '.weir/build') })
}
