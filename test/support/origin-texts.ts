import { OriginList } from '../../shared/core/lane/origin-list.ts'
import { originWords } from '../../shared/core/lane/origin-words.ts'

export type OriginText = readonly [sequenceNumber: string, index: number]

export const originList = (origins: Iterable<OriginText>): OriginList => {
  const list = new OriginList()
  for (const [sequenceNumber, index] of origins) list.add(originWords(sequenceNumber, index))
  return list
}

/** The origins of a list as anyone can read them. */
export const originTexts = ({ width, words }: OriginList): OriginText[] =>
  words.flatMap((of) =>
    Array.from({ length: of.length / width }, (_, place): OriginText => {
      const own = [...of.subarray(place * width, (place + 1) * width)]
      const digits = own.slice(0, -1).map((word) => String(word).padStart(9, '0'))
      return [BigInt(digits.join('')).toString(), own.at(-1) ?? 0]
    }),
  )

/** Of each raw shard. */
export const originTextsByShard = (lists: ReadonlyMap<string, OriginList>): [string, OriginText[]][] =>
  Array.from(lists, ([shard, list]) => [shard, originTexts(list)])
