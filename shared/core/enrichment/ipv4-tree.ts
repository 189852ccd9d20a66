import type { Reader } from 'mmdb-lib'

const recordBytes = 3
const nodeBytes = 2 * recordBytes

/** Zeros before the 32 bits of an IPv4 address in a tree of IPv6 addresses. */
const ipv4PrefixBits = 96

/**
 * Numbers the leaves of a MaxMind DB file's search tree: two IPv4 addresses with the same leaf have the same data. Walks the bytes
 * of the file, where the reader takes the text of the address apart and makes objects on its way; undefined where the
 * records are not of 24 bits, which they are in files of less than 16 million nodes.
 * https://maxmind.github.io/MaxMind-DB/#binary-search-tree-section
 */
export const createIpv4Tree = (
  database: Buffer,
  { recordSize, nodeCount, ipVersion }: Reader<never>['metadata'],
): ((address: number) => number) | undefined => {
  if (recordSize !== recordBytes * 8) return undefined
  const child = (node: number, bit: number): number => {
    const at = node * nodeBytes + bit * recordBytes
    return ((database[at] ?? 0) << 16) | ((database[at + 1] ?? 0) << 8) | (database[at + 2] ?? 0)
  }
  // What is no node is a leaf: its number stands for the data, or for none.
  let root = 0
  if (ipVersion === 6)
    for (let depth = 0; depth < ipv4PrefixBits && root < nodeCount; depth++) root = child(root, 0)
  return (address) => {
    let node = root
    for (let shift = 31; shift >= 0 && node < nodeCount; shift--) node = child(node, (address >>> shift) & 1)
    return node
  }
}

/** An address as four decimal numbers, `8.8.8.8`, in 32 bits; -1 for any other text. */
export const parseIpv4 = (text: string): number => {
  if (text.length > 15) return -1
  let address = 0
  let octet = -1
  let octets = 0
  for (let at = 0; at < text.length; at++) {
    const digit = text.charCodeAt(at) - 48
    if (digit >= 0 && digit <= 9) {
      // neither 08, which some read as octal, nor more than a byte
      if (octet === 0) return -1
      octet = octet === -1 ? digit : octet * 10 + digit
      if (octet > 255) return -1
    } else {
      if (text[at] !== '.' || octet === -1) return -1
      address = address * 256 + octet
      octets++
      octet = -1
    }
  }
  return octets === 3 && octet !== -1 ? address * 256 + octet : -1
}
