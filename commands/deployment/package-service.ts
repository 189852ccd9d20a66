import { mkdir, readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { runServerless } from './serverless-framework.ts'

export type PackagedFile = { readonly path: string; readonly bytes: number }

export type ServicePackage = {
  /** Holds the template and the zips: what `serverless deploy --package` takes. */
  readonly folder: string
  readonly template: PackagedFile
  readonly zips: readonly PackagedFile[]
}

/** Builds the CloudFormation template and one zip per function, with no network and no credentials. */
export async function packageService(stage: string, serviceFolder: string): Promise<ServicePackage> {
  const buildFolder = join('.esbuild', `package-${process.pid}`)
  await mkdir(join(serviceFolder, '.esbuild'), { recursive: true })
  try {
    await runServerless({
      arguments: ['package', '--stage', stage],
      serviceFolder,
      environment: offlineEnvironment(buildFolder),
      output: 'quiet',
      timeoutMs: 120_000,
    })
  } finally {
    await rm(join(serviceFolder, buildFolder), { recursive: true, force: true })
  }
  const folder = join(serviceFolder, '.serverless')
  const names = await readdir(folder)
  return {
    folder,
    template: await sized(folder, 'cloudformation-template-update-stack.json'),
    zips: await Promise.all(
      names
        .filter((name) => name.endsWith('.zip'))
        .sort()
        .map((name) => sized(folder, name)),
    ),
  }
}

async function sized(folder: string, name: string): Promise<PackagedFile> {
  const path = join(folder, name)
  return { path, bytes: (await stat(path)).size }
}

/** Nothing is asked of AWS, but the framework looks for credentials, at the end on an address only EC2 has. */
function offlineEnvironment(buildFolder: string): NodeJS.ProcessEnv {
  const { AWS_PROFILE: _profile, AWS_DEFAULT_PROFILE: _defaultProfile, ...environment } = process.env
  return {
    ...environment,
    AWS_ACCESS_KEY_ID: 'none',
    AWS_SECRET_ACCESS_KEY: 'none',
    AWS_EC2_METADATA_DISABLED: 'true',
    WEIR_BUILD_FOLDER: buildFolder,
  }
}
