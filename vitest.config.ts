import { defineConfig } from 'vitest/config';

/**
 * `unit` stands beside the code and needs nothing but Node; `system` lives in test/ and starts the whole
 * service, real clients and a real browser.
 */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: [
            '{core,broker,ingest,store,dispatch,api,simulators,catalogue,commands,test/layout}/**/*.test.ts',
            '*.test.ts',
          ],
          testTimeout: 20_000,
        },
      },
      {
        test: {
          name: 'system',
          include: ['test/system/**/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 60_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
