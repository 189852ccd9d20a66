import { integer, pick, type Random, seeded } from '../../local/demo/random.ts'

export type GeneratedLog = {
  readonly text: string
  /** How many lines are no log line at all. */
  readonly brokenLines: number
}

type Hit = { readonly label: string; readonly ip: string; readonly agent: string; readonly atS: number }
type Placed = { readonly line: string; readonly order: number }

const gapS = 30 * 60
const dayS = 24 * 60 * 60
const firstS = Date.UTC(2025, 9, 25) / 1000
/** A line stands at most this far, in time, from where its time would put it. */
const shuffledWithinS = 25 * 60
const visitors = 110
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
const agents = ['Firefox/128.0', 'Chrome/126.0 Safari/537.36', 'Version/17.5 Safari/605.1.15']

const broken = [
  'no log line at all',
  '10.0.0.1 - - [25/Okt/2025:10:00:00 +0000] "GET / HTTP/1.1" 200 1 "-" "month of no calendar"',
  '10.0.0.1 - - [25/Oct/2025:10:00:00 +0000] "GET / HTTP/1.1" 200 1 "http://cut.example/off/in/its/refer',
  '10.0.0.1 - - [25/Oct/2025:10:00:00 +0000] "GET / HTTP/1.1" twohundred 1 "-" "status of no number"',
]

/**
 * An access log of some 3,000 lines, the same for the same seed. A visitor's pages all begin with its label, so that
 * sessions can be told apart by what they entered; two visitors of three share an address, two of three an agent.
 */
export function generatedLog(seed: number): GeneratedLog {
  const random = seeded(seed)
  const placed: Placed[] = []
  for (let visitor = 0; visitor < visitors; visitor++) {
    for (const hit of [...wander(random, visitor), ...bridge(random, visitor)]) {
      const line = logLine(random, hit)
      placed.push({ line, order: hit.atS + integer(random, 0, shuffledWithinS) })
      // Two requests in one second that are the same to the last byte are two.
      if (random() < 0.02) placed.push({ line, order: hit.atS + integer(random, 0, shuffledWithinS) })
    }
  }
  const lines = placed.toSorted((a, b) => a.order - b.order).map(({ line }) => line)
  lines[700] = (lines[700] ?? '').slice(0, -1)
  for (const [index, line] of broken.entries()) lines.splice(150 + index * 600, 0, line)
  return { text: `${lines.join('\n')}\n`, brokenLines: broken.length }
}

/** Looks around for a day; between two looks lie seconds, the gap to the second, one second more, or hours. */
function wander(random: Random, visitor: number): Hit[] {
  const hits: Hit[] = []
  let atS = firstS + integer(random, 0, dayS)
  for (let count = integer(random, 10, 40); count > 0; count--) {
    hits.push({ ...identityOf(visitor), atS })
    atS += pick(random, [gapS, gapS + 1, integer(random, 2, 9) * 3600, ...soon(random)])
  }
  return hits
}

/** Most of what follows comes within a minute, so that the log fills few windows and the tests are quick. */
const soon = (random: Random) => Array.from({ length: 9 }, () => integer(random, 0, 50))

/** Two looks too far apart for one session, and between them one that may well stand behind both in the file. */
function bridge(random: Random, visitor: number): Hit[] {
  const startS = firstS + 3 * dayS + integer(random, 0, dayS)
  return [0, gapS - 60, 2 * gapS - 120].map((offset) => ({ ...identityOf(visitor), atS: startS + offset }))
}

function identityOf(visitor: number) {
  const family = Math.floor(visitor / 3)
  const [ip, agent] = [visitor % 3 === 0 ? 1 : 2, visitor % 3 === 2 ? 1 : 2]
  return {
    label: `/v${visitor}`,
    ip: `10.${ip}.0.${family + 1}`,
    agent: `Mozilla/5.0 (X11; Linux x86_64; rv:${family}) ${agents[agent] ?? ''}`,
  }
}

function logLine(random: Random, { label, ip, agent, atS }: Hit): string {
  const inIndia = random() < 0.5
  const path = `${label}/${integer(random, 1, 5)}`
  const time = logTime(atS, inIndia ? 330 : 0)
  return `${ip} - - [${time}] "GET ${path} HTTP/1.1" 200 ${integer(random, 100, 9999)} "-" "${agent}"`
}

function logTime(atS: number, zoneMinutes: number): string {
  const local = new Date((atS + zoneMinutes * 60) * 1000)
  const two = (value: number) => String(value).padStart(2, '0')
  const zone = `+${two(Math.floor(zoneMinutes / 60))}${two(zoneMinutes % 60)}`
  const day = `${two(local.getUTCDate())}/${months[local.getUTCMonth()]}/${local.getUTCFullYear()}`
  return `${day}:${local.toISOString().slice(11, 19)} ${zone}`
}
