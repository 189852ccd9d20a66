import { randomBytes } from 'node:crypto'
import type { Parameters } from '../aws/ssm.ts'

/** Sets what `docs/deploy.md` has a team set by hand; what is there already stays, so clocks and keys outlive a restart. */
export function seedParameters(ssm: Parameters): void {
  seed(ssm, '/weir/local/write-keys', 'local')
  seed(ssm, '/weir/local/control-key', randomBytes(32).toString('hex'))
}

function seed(ssm: Parameters, name: string, value: string): void {
  if (!ssm.get(name)) ssm.put({ name, type: 'SecureString', value, overwrite: false })
}
