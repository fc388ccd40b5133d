import { defineConfig } from 'vitest/config';

/**
 * `unit` stands beside the code and needs nothing but Node. `system` lives in test/system: the whole service
 * as a process, real clients, a real browser.
 */
export default defineConfig({
  test: {
    reporters: ['default', './test/servers/reporter.ts'],
    projects: [
      {
        test: {
          name: 'unit',
          include: [
            '{core,broker,ingest,store,dispatch,api,dashboard,simulators,catalogue,commands,test/layout}/**/*.test.ts',
            '*.test.ts',
          ],
          testTimeout: 20_000,
        },
      },
      {
        test: {
          name: 'system',
          include: ['test/system/**/*.test.ts', 'dashboard/testing/*.spec.ts'],
          globalSetup: ['test/servers/setup.ts'],
          testTimeout: 120_000,
          hookTimeout: 60_000,
          fileParallelism: false,
        },
      },
      {
        test: {
          name: 'soak',
          include: process.env.SOAK === 'true' ? ['test/soak/**/*.test.ts'] : [],
          fileParallelism: false,
        },
      },
    ],
  },
});
