import { createRequire } from 'node:module'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { plan } from '../../../analytics/plan/plan.ts'
import { lakeTables } from '../../../shared/core/lake/tables.ts'
import { checkedTenants, tenantDatabase, tenantViews } from '../../../shared/core/lake/tenant-views.ts'
import { viewSql } from '../../../shared/core/lake/view-table.ts'
import { viewColumns } from '../../../shared/core/lake/views.ts'
import { ViewLake } from './view-lake.ts'

const tables = lakeTables(plan)
const columns = viewColumns(tables)
const france = { column: 'geo_country', value: 'FR' }

describe('the views of a tenant', () => {
  let lake: ViewLake
  beforeAll(async () => {
    lake = await ViewLake.open()
    const event = {
      received_at: '2026-11-01 12:00:00',
      event_time: '2026-11-01 12:00:00',
      dt: '2026-11-01',
      hour: '12',
    }
    const session = {
      started_at: event.event_time,
      ended_at: event.event_time,
      dt: '2026-11-01',
      hour: '13',
      events: 1,
    }
    for (const geo_country of ['FR', 'DE', null]) {
      const id = `in ${geo_country}`
      await lake.insert('events', { ...event, origin: id, anonymous_id: 'a', geo_country })
      await lake.insert('sessions', {
        ...session,
        session_id: id,
        anonymous_id: 'a',
        geo_country,
        absorbed_ids: [],
      })
    }
    await lake.rows('SELECT 1')
    await lake.run('CREATE SCHEMA weir_prod_fr')
    await lake.run('USE weir_prod_fr')
    for (const [name, sql] of Object.entries(tenantViews({ database: 'main', columns }, france)))
      await lake.run(`CREATE VIEW ${name} AS ${sql}`)
  })
  afterAll(() => lake.close())

  it.each([
    ['events_once', 'origin', ['in FR']],
    ['sessions_final', 'session_id', ['in FR']],
    ['visitors', 'sessions', [1]],
  ])('%s shows the rows of the tenant and no other', async (view, column, expected) => {
    expect((await lake.read(`SELECT ${column} FROM weir_prod_fr.${view}`)).flat()).toEqual(expected)
  })
})

describe('the catalogue of a stage with tenants', () => {
  const catalogue: (of: { resolveVariable: (name: string) => Promise<unknown> }) => Promise<{
    Resources: Record<string, { Properties: Record<string, Record<string, unknown>> }>
  }> = createRequire(import.meta.url)('../../../serverless/catalogue.cjs')
  const resourcesWith = async (tenants: readonly string[]) => {
    const variables: Record<string, unknown> = {
      'sls:stage': 'prod',
      'param:tenants': tenants,
      'param:tenantColumn': 'geo_country',
    }
    return (await catalogue({ resolveVariable: async (name) => variables[name] })).Resources
  }

  it('has a database with their views for each', async () => {
    const without = Object.keys(await resourcesWith([]))
    const resources = await resourcesWith(['FR', 'DE'])
    const added = Object.keys(resources).filter((id) => !without.includes(id))
    expect(added.sort()).toEqual(
      ['De', 'Fr'].flatMap((name) => [
        `Tenant${name}Database`,
        `Tenant${name}EventsOnceView`,
        `Tenant${name}SessionsFinalView`,
        `Tenant${name}VisitorsView`,
      ]),
    )
    expect(resources.TenantFrDatabase?.Properties.DatabaseInput?.Name).toBe('weir_prod_fr')
    const view = resources.TenantFrEventsOnceView?.Properties
    expect(view?.DatabaseName).toEqual({ Ref: 'TenantFrDatabase' })
    expect(viewSql(String(view?.TableInput?.ViewOriginalText))).toBe(
      tenantViews({ database: 'weir_prod', columns }, france).events_once,
    )
  })
})

describe('tenants', () => {
  it('have a database each, with a name that needs no quotes', () => {
    expect(tenantDatabase('weir_prod', { column: 'page_host', value: 'shop.Example' })).toBe(
      'weir_prod_shop_example',
    )
  })

  it.each([
    [{ column: 'colour', values: ['red'] }, 'tenantColumn colour: events and sessions have no such column'],
    [{ column: 'page_host', values: ['a'] }, 'tenantColumn page_host: sessions have no such column'],
    [{ column: 'geo_country', values: ['FR', 'fr'] }, 'two would share the database weir_<stage>_fr'],
    [{ column: 'geo_country', values: ['ü'] }, 'two would share the database weir_<stage>_'],
  ])('are refused when they cannot be told apart: %j', (of, message) => {
    expect(() => checkedTenants(of, tables)).toThrow(message)
  })
})
