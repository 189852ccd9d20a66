import { type Act, type Message, type Page, toMessage } from './message.ts'
import { chance, integer, pick, pickWeighted, type Random, waitMs } from './random.ts'
import shop from './shop.json' with { type: 'json' }
import type { Visitor } from './visitor.ts'

type Product = (typeof shop.products)[number]

export type TimedMessage = { readonly atMs: number; readonly message: Message }

const meanReadingMs = 14_000
const meanBotReadingMs = 1_500

/** One visit to the shop, from the first page to the last, in order of time. */
export function visit(random: Random, visitor: Visitor, startMs: number): TimedMessage[] {
  const walk = new Walk(random, visitor, startMs)
  const arrival = pickWeighted(random, shop.arrivals)
  const landsOnProduct = chance(random, 0.3)
  const first = pick(random, shop.products)
  if (landsOnProduct) walk.openProduct(first, arrival)
  else walk.open('/', 'Shop', arrival)
  if (visitor.isBot) return crawl(walk, random)
  walk.seeExperiment()
  if (chance(random, landsOnProduct ? 0.5 : 0.35)) return walk.messages
  browse(walk, random)
  if (walk.cart.length > 0 && chance(random, 0.6)) checkOut(walk, random)
  return walk.messages
}

function crawl(walk: Walk, random: Random): TimedMessage[] {
  for (let pages = integer(random, 0, 5); pages > 0; pages--) walk.openProduct(pick(random, shop.products))
  return walk.messages
}

function browse(walk: Walk, random: Random): void {
  for (let looks = integer(random, 1, 5); looks > 0; looks--) {
    const product = pick(random, shop.products)
    if (chance(random, 0.5)) walk.open(`/c/${product.category}`, `${product.category} | Shop`)
    walk.openProduct(product)
    if (chance(random, 0.28)) walk.addToCart(product, chance(random, 0.2) ? 2 : 1)
  }
}

function checkOut(walk: Walk, random: Random): void {
  walk.open('/cart', 'Cart | Shop')
  walk.open('/checkout', 'Checkout | Shop')
  if (chance(random, 0.4)) walk.signUp()
  if (chance(random, 0.7)) walk.order()
}

/** The steps of one visitor through the shop; each takes a little time and leaves its messages. */
class Walk {
  readonly messages: TimedMessage[] = []
  readonly cart: { product: Product; quantity: number }[] = []
  readonly #random: Random
  readonly #visitor: Visitor
  #atMs: number
  #page: Page | undefined

  constructor(random: Random, visitor: Visitor, startMs: number) {
    this.#random = random
    this.#visitor = visitor
    this.#atMs = startMs
  }

  open(path: string, title: string, arrival = { referrer: this.#page?.url ?? '', search: '' }): void {
    if (this.#page) {
      this.#atMs += 800 + waitMs(this.#random, this.#visitor.isBot ? meanBotReadingMs : meanReadingMs)
    }
    const { referrer, search } = arrival
    this.#page = { url: `${shop.origin}${path}${search}`, path, search, title, referrer }
    this.#act({ type: 'page', name: title, properties: this.#page })
  }

  openProduct(product: Product, arrival?: { referrer: string; search: string }): void {
    this.open(`/p/${product.product_id}`, `${product.name} | Shop`, arrival)
    this.#track('Product Viewed', { ...product, currency: 'EUR' })
  }

  addToCart(product: Product, quantity: number): void {
    this.#atMs += 2_000 + waitMs(this.#random, 4_000)
    this.cart.push({ product, quantity })
    this.#track('Product Added', { ...product, currency: 'EUR', quantity })
  }

  seeExperiment(): void {
    this.#track('Experiment Viewed', {
      experiment_id: 'checkout-2',
      experiment_name: 'Checkout on one page',
      variation_id: this.#visitor.variation,
      variation_name: this.#visitor.variation === 'control' ? 'Control' : 'One page',
    })
  }

  signUp(): void {
    if (this.#visitor.userId !== undefined) return
    this.#atMs += 5_000
    const { anonymousId } = this.#visitor
    this.#visitor.userId = `user-${anonymousId.slice(0, 8)}`
    this.#act({ type: 'identify', traits: { plan: 'free' } })
    this.#track('Signed Up', { method: pick(this.#random, ['email', 'google', 'apple']), plan: 'free' })
  }

  order(): void {
    const revenue = this.cart.reduce((sum, { product, quantity }) => sum + product.price * quantity, 0)
    const orderNumber = integer(this.#random, 0, 36 ** 8 - 1)
    this.open('/thanks', 'Thank you | Shop')
    this.#track('Order Completed', {
      order_id: `order-${orderNumber.toString(36)}`,
      revenue,
      shipping: 4.9,
      total: Number((revenue + 4.9).toFixed(2)),
      currency: 'EUR',
      products: this.cart.map(({ product, quantity }) => ({ ...product, quantity })),
    })
  }

  #track(event: string, properties: Record<string, unknown>): void {
    this.#atMs += 120
    this.#act({ type: 'track', event, properties })
  }

  #act(act: Act): void {
    if (!this.#page) throw new Error('a visit begins with a page')
    const moment = { act, page: this.#page, atMs: this.#atMs }
    this.messages.push({ atMs: this.#atMs, message: toMessage(this.#random, this.#visitor, moment) })
  }
}
