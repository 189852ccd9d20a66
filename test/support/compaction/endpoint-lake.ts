import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AthenaClient } from '@aws-sdk/client-athena'
import { openLake } from '../../../commands/lake/duckdb-lake.ts'
import { type Endpoint, startEndpoint } from '../../../local/aws/endpoint.ts'
import { build } from '../../../local/stack/build.ts'
import { createResources, foldersOf } from '../../../local/stack/resources.ts'
import { createAthena } from '../../../shared/aws/athena.ts'
import type { CompactionResult } from '../../../shared/core/lake/compaction/compact.ts'
import type { SqlEngine } from '../../../shared/core/lake/sql-engine.ts'
import { FilledStage } from './filled-stage.ts'

const projectDir = join(import.meta.dirname, '../../..')

/** A stage behind an endpoint of its own, and the compaction's handler in processes that can be killed. */
export class EndpointLake extends FilledStage {
  readonly sql: SqlEngine
  readonly #dataDir: string
  readonly #athena: AthenaClient

  private constructor(endpoint: Endpoint, dataDir: string) {
    super(endpoint)
    this.#dataDir = dataDir
    const credentials = { accessKeyId: 'tester', secretAccessKey: 'local' }
    this.#athena = new AthenaClient({ endpoint: this.address, region: 'us-east-1', credentials })
    const names = { workGroup: 'weir-local', database: 'weir_local' }
    this.sql = createAthena({ ...names, client: this.#athena, firstPollMs: 5 })
  }

  static async open(): Promise<EndpointLake> {
    const { declaration } = await build({ projectDir, buildDir: join(projectDir, '.weir/build') })
    const dataDir = mkdtempSync(join(tmpdir(), 'weir-compaction-'))
    const endpoint = await startEndpoint({ port: 0, dataDir, buckets: foldersOf(declaration) })
    await createResources(endpoint, declaration)
    return new EndpointLake(endpoint, dataDir)
  }

  /** Of the lake's bucket. */
  get folder(): string {
    return join(this.#dataDir, 'lake')
  }

  async close(): Promise<void> {
    this.leave()
    this.#athena.destroy()
    await this.endpoint.close()
    rmSync(this.#dataDir, { recursive: true, force: true })
  }

  /** Begins a run of the handler, at that time. */
  startHandler(now: number): {
    readonly child: ChildProcess
    readonly result: Promise<CompactionResult | undefined>
  } {
    const script = join(import.meta.dirname, 'run-handler.ts')
    const child = spawn(process.execPath, [script, String(now)], {
      env: {
        ...process.env,
        AWS_ENDPOINT_URL: this.address,
        AWS_REGION: 'us-east-1',
        AWS_ACCESS_KEY_ID: 'compact',
        AWS_SECRET_ACCESS_KEY: 'local',
        POWERTOOLS_LOG_LEVEL: 'SILENT',
        POWERTOOLS_METRICS_DISABLED: 'true',
        POWERTOOLS_METRICS_NAMESPACE: 'Weir',
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let text = ''
    child.stdout?.on('data', (chunk) => {
      text += chunk
    })
    const result = new Promise<CompactionResult | undefined>((resolve) => {
      child.once('close', (code) => resolve(code === 0 ? JSON.parse(text) : undefined))
    })
    return { child, result }
  }

  /** Origins as both kinds of reader see them: through the views of the catalogue, and over the files of the folder. */
  async shownOrigins(): Promise<{ readonly athena: string[]; readonly duckdb: string[] }> {
    const asked = 'SELECT origin FROM events_once'
    const { rows } = await this.sql.run(asked)
    const lake = await openLake(this.folder)
    try {
      const found = await lake.query(asked)
      return {
        athena: rows.map(([origin]) => origin ?? '').sort(),
        duckdb: found.rows.map(([origin]) => String(origin)).sort(),
      }
    } finally {
      lake.close()
    }
  }
}
