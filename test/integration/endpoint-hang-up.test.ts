import { mkdtempSync, rmSync } from 'node:fs'
import { connect as connectHttp2 } from 'node:http2'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { startEndpoint } from '../../local/aws/endpoint.ts'

/** Hangs up as soon as the endpoint has taken the call, and before it answers. */
const hangUps = {
  'HTTP/1.1': (port: number) => {
    const socket = connect(port, '127.0.0.1')
    socket.write('PUT /weir-local-lake/key HTTP/1.1\r\nhost: a\r\ncontent-length: 1\r\n\r\nx')
    return () => socket.destroy()
  },
  'HTTP/2': (port: number) => {
    const session = connectHttp2(`http://127.0.0.1:${port}`)
    session.on('error', () => {})
    const stream = session.request({ ':method': 'PUT', ':path': '/weir-local-lake/key' })
    stream.on('error', () => {})
    stream.end('x')
    return () => session.destroy()
  },
}

for (const [name, begin] of Object.entries(hangUps))
  it(`closes although a client of ${name} went away in the middle of its call`, async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'weir-hang-up-'))
    const endpoint = await startEndpoint({ port: 0, dataDir, buckets: { 'weir-local-lake': 'lake' } })
    const taken = Promise.withResolvers<void>()
    let hangUp = () => {}
    endpoint.faults.call = () => {
      hangUp()
      taken.resolve()
      return undefined
    }
    hangUp = begin(endpoint.port)
    await taken.promise

    await expect(endpoint.close()).resolves.toBeUndefined()
    rmSync(dataDir, { recursive: true })
  })
