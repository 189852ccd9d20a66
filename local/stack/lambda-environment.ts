import { localRegion } from './arns.ts'
import type { FunctionDeclaration } from './declaration.ts'

/** Lambda's own variables: https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html */
export function lambdaEnvironment(
  declared: FunctionDeclaration,
  where: { taskRoot: string; endpointUrl: string },
): Record<string, string> {
  return {
    AWS_REGION: localRegion,
    AWS_DEFAULT_REGION: localRegion,
    // The endpoint takes any key; this one tells it whose call it is.
    AWS_ACCESS_KEY_ID: shortName(declared.name),
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
    AWS_LAMBDA_FUNCTION_NAME: declared.name,
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(declared.memoryMb),
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${declared.name}`,
    AWS_LAMBDA_LOG_STREAM_NAME: 'local',
    LAMBDA_TASK_ROOT: where.taskRoot,
    _HANDLER: declared.handler,
    // No ~/.aws of the person who runs this may change what the SDK does.
    HOME: where.taskRoot,
    TZ: ':UTC',
    ...declared.environment,
    AWS_ENDPOINT_URL: where.endpointUrl,
  }
}

/** `enrich` of `weir-local-enrich`. */
export function shortName(functionName: string): string {
  return functionName.split('-').slice(2).join('-') || functionName
}
