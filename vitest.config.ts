import { configDefaults, defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // `npm run check` runs all of them.
    exclude: process.env.WEIR_SLOW_TESTS
      ? configDefaults.exclude
      : [...configDefaults.exclude, '**/*.slow.test.ts'],
    globalSetup: ['test/support/package-once.ts'],
    // Many files wait for a stack or a browser: on two cores three of them at a time lose no time to each other.
    maxWorkers: 3,
    testTimeout: 20_000,
    hookTimeout: 30_000,
    // What is waited for comes at once on a machine at rest, and within seconds on one that has much else to do.
    expect: { poll: { timeout: 15_000 } },
  },
})
