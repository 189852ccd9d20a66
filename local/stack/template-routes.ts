import { nameInArn } from './arns.ts'
import type { CorsDeclaration, RouteDeclaration } from './declaration.ts'
import { isObject } from './intrinsic.ts'
import type { Declared } from './template.ts'
import { integer, isTrue, text, texts } from './template-values.ts'

/** A route points to an integration (`integrations/<id>`), and that to a function. */
export function readRoute(
  { properties }: Declared,
  declared: (type: string) => readonly Declared[],
): RouteDeclaration {
  const target = nameInArn(text(properties.Target, 'Target'))
  const integration = declared('AWS::ApiGatewayV2::Integration').find(({ logicalId }) => logicalId === target)
  if (!integration) throw new Error(`there is no integration ${target}`)
  return {
    routeKey: text(properties.RouteKey, 'RouteKey'),
    functionName: functionOfUri(text(integration.properties.IntegrationUri, 'IntegrationUri')),
  }
}

// Either the function's ARN, or the invocation path around it: …:path/2015-03-31/functions/<arn>/invocations
function functionOfUri(uri: string): string {
  return nameInArn(uri.replace(/\/invocations$/, ''))
}

export function readCors({ properties }: Declared): CorsDeclaration | undefined {
  const cors = properties.CorsConfiguration
  if (!isObject(cors)) return undefined
  return {
    allowOrigins: texts(cors.AllowOrigins),
    allowHeaders: texts(cors.AllowHeaders),
    allowMethods: texts(cors.AllowMethods),
    exposeHeaders: texts(cors.ExposeHeaders),
    allowCredentials: isTrue(cors.AllowCredentials),
    maxAgeS: cors.MaxAge === undefined ? undefined : integer(cors.MaxAge, 0),
  }
}
