import type { RouteDeclaration } from './declaration.ts'

export interface MatchedRoute {
  readonly route: RouteDeclaration
  readonly pathParameters: Readonly<Record<string, string>>
}

interface CompiledRoute {
  readonly route: RouteDeclaration
  readonly method: string
  readonly segments: readonly string[]
  readonly rank: number
}

/**
 * Finds the route of a request as an HTTP API does: a full match before one with a variable, that before a greedy one
 * ({proxy+}), `$default` last; a method before ANY.
 */
export function routeMatcher(
  routes: readonly RouteDeclaration[],
): (method: string, path: string) => MatchedRoute | undefined {
  const compiled = routes.map(compile).sort((a, b) => a.rank - b.rank)
  return (method, path) => {
    const parts = path.split('/').slice(1)
    for (const candidate of compiled) {
      if (candidate.method !== 'ANY' && candidate.method !== method) continue
      const pathParameters = matchPath(candidate.segments, parts)
      if (pathParameters) return { route: candidate.route, pathParameters }
    }
    return undefined
  }
}

function compile(route: RouteDeclaration): CompiledRoute {
  if (route.routeKey === '$default') return { route, method: 'ANY', segments: ['{proxy+}'], rank: 1e6 }
  const [method = 'ANY', path = '/'] = route.routeKey.split(' ')
  const segments = path.split('/').slice(1)
  const variables = segments.filter(isVariable).length
  const greedy = segments.some(isGreedy) ? 1000 : 0
  return { route, method, segments, rank: greedy + variables * 2 + (method === 'ANY' ? 1 : 0) }
}

function matchPath(
  segments: readonly string[],
  parts: readonly string[],
): Record<string, string> | undefined {
  const parameters: Record<string, string> = {}
  for (const [index, segment] of segments.entries()) {
    const part = parts[index]
    if (part === undefined) return undefined
    if (isGreedy(segment)) {
      parameters[nameOf(segment)] = parts.slice(index).join('/')
      return parameters
    }
    if (isVariable(segment)) parameters[nameOf(segment)] = decode(part)
    else if (segment !== part) return undefined
  }
  return segments.length === parts.length ? parameters : undefined
}

function isVariable(segment: string): boolean {
  return segment.startsWith('{')
}

function isGreedy(segment: string): boolean {
  return segment.endsWith('+}')
}

function nameOf(segment: string): string {
  return segment.replaceAll(/[{}+]/g, '')
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}
