import { measureGrowth } from './growth-point.ts'

/** For growth.ts: the point as JSON in, what was measured as JSON out. */
console.log(JSON.stringify(await measureGrowth(JSON.parse(process.argv[2] ?? ''))))
