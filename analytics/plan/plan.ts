import type { EventSpec } from '../../shared/core/plan/event-spec.ts'
import { experimentViewed } from './experiment-viewed.ts'
import { listingChanged } from './listing-changed.ts'
import { listingRemoved } from './listing-removed.ts'
import { orderCompleted } from './order-completed.ts'
import { orderRefunded } from './order-refunded.ts'
import { pageViewed } from './page-viewed.ts'
import { productAdded } from './product-added.ts'
import { productViewed } from './product-viewed.ts'
import { signedUp } from './signed-up.ts'
import { storeViewed } from './store-viewed.ts'

/** The tracking plan: an event that is not here is accepted and flagged `unplanned`. */
export const plan: readonly EventSpec[] = [
  pageViewed,
  productViewed,
  productAdded,
  orderCompleted,
  signedUp,
  experimentViewed,
  listingChanged,
  listingRemoved,
  orderRefunded,
  storeViewed,
]
