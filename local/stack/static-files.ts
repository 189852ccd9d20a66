import { readFile } from 'node:fs/promises'
import { extname, resolve, sep } from 'node:path'
import { type HttpResponse, jsonResponse } from './http-response.ts'

const contentTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.txt': 'text/plain; charset=utf-8',
}

/** A folder whose files are served below a path that ends in a slash. */
export interface Mount {
  readonly path: string
  readonly folder: string
}

/** Serves files of the mounts, the longest path first; nothing outside of them, whatever the path says. */
export function staticFiles(mounts: readonly Mount[]): (urlPath: string) => Promise<HttpResponse> {
  const longestFirst = mounts.toSorted((a, b) => b.path.length - a.path.length)
  return async (urlPath) => {
    const path = decode(urlPath)
    const mount = longestFirst.find((candidate) => path?.startsWith(candidate.path))
    const file = mount && path && fileIn(mount, path.slice(mount.path.length))
    return (file && (await read(file))) || jsonResponse(404, 'Not Found')
  }
}

function fileIn({ folder, path: _ }: Mount, rest: string): string | undefined {
  const file = resolve(folder, rest === '' || rest.endsWith('/') ? `${rest}index.html` : rest)
  return file.startsWith(resolve(folder) + sep) ? file : undefined
}

function decode(urlPath: string): string | undefined {
  try {
    const path = decodeURIComponent(urlPath)
    return path.includes('\0') ? undefined : path
  } catch {
    return undefined
  }
}

async function read(file: string): Promise<HttpResponse | undefined> {
  const body = await readFile(file).catch(() => undefined)
  const type = contentTypes[extname(file)] ?? 'application/octet-stream'
  return body && { status: 200, headers: { 'content-type': type, 'cache-control': 'no-store' }, body }
}
