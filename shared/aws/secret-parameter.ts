import { ParameterAlreadyExists, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm'

/** Makes a SecureString of the SSM store; false when there is one of that name already, which then stays as it is. */
export async function createSecretParameter(
  secret: { readonly name: string; readonly value: string },
  client = new SSMClient({}),
): Promise<boolean> {
  try {
    await client.send(
      new PutParameterCommand({
        Name: secret.name,
        Value: secret.value,
        Type: 'SecureString',
        Overwrite: false,
      }),
    )
    return true
  } catch (error) {
    if (error instanceof ParameterAlreadyExists) return false
    throw error
  }
}
