/**
 * Puts the content between `<!-- bench: name -->` and `<!-- end of bench: name -->`, each on a line of its own, and leaves what
 * is around them as it is. Throws when the text has not exactly one of each, in this order.
 */
export const betweenMarkers = (text: string, name: string, content: string): string => {
  const [opening, closing] = [`<!-- bench: ${name} -->\n`, `<!-- end of bench: ${name} -->`]
  const [before, after, ...more] = text.split(opening)
  const end = after?.indexOf(closing) ?? -1
  if (before === undefined || after === undefined || more.length > 0 || end === -1)
    throw new Error(`put ${opening.trim()} and ${closing} where "${name}" is to stand, once`)
  return `${before}${opening}\n${content.trim()}\n\n${after.slice(end)}`
}
