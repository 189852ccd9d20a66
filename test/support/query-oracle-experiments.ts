import { type ExpectedRow, groupBy } from './query-oracle-rows.ts'

export type Conversion = { readonly person_id: string; readonly event_time: number; readonly is_bot: boolean }
export type Exposure = Conversion & { readonly variation: string }

const z = 1.959963984540054

/** Without crawlers, person after person; the chances by numeric integration of the densities. Of one experiment, 'e'. */
export function experimentsOracle(
  allExposures: readonly Exposure[],
  allConversions: readonly Conversion[],
  { withinMs, ratio }: { readonly withinMs: number; readonly ratio?: readonly number[] },
): ExpectedRow[] {
  const exposures = allExposures.filter(({ is_bot }) => !is_bot)
  const conversions = allConversions.filter(({ is_bot }) => !is_bot)
  const groups = new Map<string, { people: number; conversions: number }>()
  let mixed = 0
  for (const [person, seen] of groupBy(exposures, ({ person_id }) => person_id)) {
    const variations = [...new Set(seen.map(({ variation }) => variation))]
    if (variations.length > 1) {
      mixed++
      continue
    }
    const since = Math.min(...seen.map(({ event_time }) => event_time))
    const converted = conversions.some(
      ({ person_id, event_time }) =>
        person_id === person && event_time >= since && event_time - since < withinMs,
    )
    const group = groups.get(variations[0] ?? '') ?? { people: 0, conversions: 0 }
    group.people++
    if (converted) group.conversions++
    groups.set(variations[0] ?? '', group)
  }
  const variations = [...groups.keys()].toSorted()
  const people = variations.map((variation) => groups.get(variation)?.people ?? 0)
  const control = variations.includes('control') ? 'control' : variations[0]
  const compared = groups.get(control ?? '') ?? { people: 0, conversions: 0 }
  return variations.map((variation) => {
    const group = groups.get(variation) ?? { people: 0, conversions: 0 }
    return {
      experiment: 'e',
      variation,
      is_control: variation === control,
      ...group,
      ...rateOf(group),
      ...(variation === control ? noDifference : differenceOf(group, compared)),
      mixed_people: mixed,
      mismatch_p_value: mismatch(people, ratio ?? people.map(() => 1)),
    }
  })
}

type Group = { readonly people: number; readonly conversions: number }

/** Wilson's interval: the rates p for which the observed one is z standard errors away, by bisection. */
function rateOf({ people, conversions }: Group) {
  const rate = conversions / people
  const distance = (p: number) => Math.abs(rate - p) - z * Math.sqrt((p * (1 - p)) / people)
  const edge = (outside: number) => {
    let [far, near] = [outside, rate]
    for (let step = 0; step < 60; step++) {
      const middle = (far + near) / 2
      if (distance(middle) > 0) far = middle
      else near = middle
    }
    return near
  }
  return { rate, rate_low: rate === 0 ? 0 : edge(0), rate_high: rate === 1 ? 1 : edge(1) }
}

const noDifference = {
  lift: null,
  difference: null,
  difference_low: null,
  difference_high: null,
  p_value: null,
}

function differenceOf(group: Group, control: Group) {
  const [p, q] = [group.conversions / group.people, control.conversions / control.people]
  const margin = z * Math.sqrt((p * (1 - p)) / group.people + (q * (1 - q)) / control.people)
  const pooled = (group.conversions + control.conversions) / (group.people + control.people)
  const error = Math.sqrt(pooled * (1 - pooled) * (1 / group.people + 1 / control.people))
  return {
    lift: q === 0 ? null : (p - q) / q,
    difference: p - q,
    difference_low: p - q - margin,
    difference_high: p - q + margin,
    p_value: error === 0 ? null : chiSquareTail(((p - q) / error) ** 2, 1),
  }
}

function mismatch(people: readonly number[], ratio: readonly number[]): number | null {
  if (people.length < 2 || ratio.length !== people.length) return null
  const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0)
  const expected = ratio.map((part) => (part / sum(ratio)) * sum(people))
  const x = sum(people.map((count, index) => (count - (expected[index] ?? 0)) ** 2 / (expected[index] ?? 0)))
  return chiSquareTail(x, people.length - 1)
}

/** 1 less the integral of the density up to x, by Simpson's rule over its square root. */
export function chiSquareTail(x: number, freedom: number): number {
  const scale = 2 / (2 ** (freedom / 2) * gammaOfHalf(freedom))
  const density = (u: number) => scale * u ** (freedom - 1) * Math.exp((-u * u) / 2)
  const steps = 2000
  const width = Math.sqrt(x) / steps
  let sum = 0
  for (let step = 0; step <= steps; step++)
    sum += density(step * width) * (step === 0 || step === steps ? 1 : step % 2 === 1 ? 4 : 2)
  return 1 - (sum * width) / 3
}

const gammaOfHalf = (n: number): number =>
  n === 1 ? Math.sqrt(Math.PI) : n === 2 ? 1 : (n / 2 - 1) * gammaOfHalf(n - 2)
