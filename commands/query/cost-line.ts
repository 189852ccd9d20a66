import type { LakeAnswer } from '../lake/duckdb-lake.ts'

/** `(10 rows, 1.2 MB scanned, 0.3 s)` */
export function costLine({ rows, scannedBytes, elapsedMs }: LakeAnswer): string {
  const count = `${rows.length} ${rows.length === 1 ? 'row' : 'rows'}`
  return `(${count}, ${sizeText(scannedBytes)} scanned, ${(elapsedMs / 1000).toFixed(1)} s)`
}

const units = ['bytes', 'kB', 'MB', 'GB', 'TB']

/** In steps of a thousand, as AWS bills. */
export function sizeText(bytes: number): string {
  const step = bytes < 1000 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(bytes) / 3))
  const size = bytes / 1000 ** step
  return `${step === 0 ? size : size.toFixed(1)} ${units[step]}`
}
