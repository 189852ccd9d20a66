/** Large enough that opening a file costs nothing beside reading it, small enough that several readers share a day. */
export const targetBytes = 128 * 1024 * 1024

/** How many files to ask for: rounded down, since too few large files do less harm than too many. */
export const bucketCount = (estimatedBytes: number): number =>
  Math.max(1, Math.floor(estimatedBytes / targetBytes))

/** A row of a sorted file of zstd takes at most this part of what it takes in a small file of Snappy. */
export const compactedShare = 0.5
