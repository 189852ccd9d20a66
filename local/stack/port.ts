import { once } from 'node:events'
import { createServer } from 'node:net'
import { StartError } from './start-error.ts'

export type PortOption = 'port' | 'aws-port'

/** Finds out early, before anything slow, that something else listens there. */
export async function checkPort(port: number, option: PortOption): Promise<void> {
  const server = createServer().listen(port, '127.0.0.1')
  try {
    await once(server, 'listening')
  } catch (error) {
    throw portError(error, port, option)
  }
  server.close()
  await once(server, 'close')
}

/** Says what to do about a port that cannot be had. Other errors pass. */
export function portError(error: unknown, port: number, option: PortOption): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (code === 'EADDRINUSE') {
    return new StartError(`port ${port} is in use: stop what listens there, or use -- --${option} N`)
  }
  if (code === 'EACCES') {
    return new StartError(`port ${port} may not be opened by you: use -- --${option} N`)
  }
  return error
}
