/** Writes docs/tables.md from the tables and views in the code. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { tablesPage } from './tables-page/page.ts'

writeFileSync(join(import.meta.dirname, '../../docs/tables.md'), tablesPage())
