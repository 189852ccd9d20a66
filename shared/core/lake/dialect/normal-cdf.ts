/**
 * Hart's approximation in double precision (G. West, Better approximations to cumulative normal functions, 2005), of
 * the tail beyond |z|, so that small chances keep their digits.
 */
export function normalCdf(z: string): string {
  const x = `abs(${z})`
  const above = polynomial(
    x,
    [
      0.0352624965998911, 0.700383064443688, 6.37396220353165, 33.912866078383, 112.079291497871,
      221.213596169931, 220.206867912376,
    ],
  )
  const below = polynomial(
    x,
    [
      0.0883883476483184, 1.75566716318264, 16.064177579207, 86.7807322029461, 296.564248779674,
      637.333633378831, 793.826512519948, 440.413735824752,
    ],
  )
  const fraction = `(${x} + 1e0 / (${x} + 2e0 / (${x} + 3e0 / (${x} + 4e0 / (${x} + 0.65e0)))))`
  const tail = `exp(-(${z}) * (${z}) / 2e0) * CASE WHEN ${x} < 7.07106781186547e0 THEN ${above} / ${below}
    ELSE 1e0 / (${fraction} * 2.506628274631e0) END`
  return `CASE WHEN ${z} > 0 THEN 1e0 - ${tail} ELSE ${tail} END`
}

function polynomial(x: string, coefficients: readonly number[]): string {
  return coefficients.slice(1).reduce((sum, c) => `(${sum} * ${x} + ${c}e0)`, `${coefficients[0]}e0`)
}
