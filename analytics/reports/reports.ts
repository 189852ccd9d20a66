import { defineReports } from '../../shared/core/report/definitions.ts'
import { refusedEvents } from './refused-events.ts'
import { storeAvailability } from './store-availability.ts'
import { topPagesNightly } from './top-pages-nightly.ts'

/** What is asked by the clock. Times are UTC; what a run asks for depends on the time that it is for, and on nothing else. */
export const reports = defineReports([storeAvailability, refusedEvents, topPagesNightly])
