import UserAgent from 'user-agents'
import networks from './networks.json' with { type: 'json' }
import { chance, integer, pick, pickWeighted, type Random, uuid } from './random.ts'
import shop from './shop.json' with { type: 'json' }

export type Visitor = {
  readonly anonymousId: string
  readonly userAgent: string
  readonly screen: { readonly width: number; readonly height: number }
  readonly ip: string
  readonly country: string
  readonly locale: string
  readonly timezone: string
  readonly isBot: boolean
  /** The arm of the shop's one running experiment; fixed for the visitor. */
  readonly variation: 'control' | 'one-page'
  /** Set once the visitor has signed up. */
  userId: string | undefined
}

const botShare = 0.04

/** The most used browsers with their share of use; the package's own picker has a randomness of its own. */
const browsers = UserAgent.top(400)

export function newVisitor(random: Random): Visitor {
  const network = pickWeighted(random, networks)
  const browser = pickWeighted(random, browsers)
  const isBot = chance(random, botShare)
  return {
    anonymousId: uuid(random),
    userAgent: isBot ? pick(random, shop.bots) : browser.userAgent,
    screen: { width: browser.screenWidth, height: browser.screenHeight },
    ip: `${network.prefix}.${integer(random, 0, 255)}.${integer(random, 1, 254)}`,
    country: network.country,
    locale: network.locale,
    timezone: network.timezone,
    isBot,
    variation: chance(random, 0.5) ? 'control' : 'one-page',
    userId: undefined,
  }
}
