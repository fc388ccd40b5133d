import { configDefaults, defineConfig } from 'vitest/config';

/** Tests that stand beside the code but open SQLite files, threads or processes, or live through weeks: they take their time. */
const STORED = [
  'app.test.ts',
  'api/**/*.test.ts',
  'commands/**/*.test.ts',
  'dispatch/*.test.ts',
  'ingest/readers.test.ts',
  'store/**/*.test.ts',
  'simulators/garage/{classes,wearing}.test.ts',
  'simulators/town/demo.test.ts',
];

/**
 * `unit` needs nothing but Node and is quick; `stored` runs on real files; `system` lives in test/system: the
 * whole service as a process, real clients, a real browser; `soak` is long (npm run soak).
 */
export default defineConfig({
  test: {
    reporters: ['default', './test/servers/reporter.ts'],
    // Vitest leaves one core free, for whoever watches; here nobody does.
    maxWorkers: '100%',
    projects: [
      {
        test: {
          name: 'unit',
          include: [
            '{time,core,broker,ingest,store,dispatch,api,dashboard,simulators,catalogue,commands,test/layout,test/bench}/**/*.test.ts',
            '*.test.ts',
          ],
          exclude: [...configDefaults.exclude, ...STORED],
          testTimeout: 20_000,
        },
      },
      {
        test: { name: 'stored', include: STORED, testTimeout: 60_000, hookTimeout: 30_000 },
      },
      {
        // The whole service in virtual time, by seeds: test/simulation.
        test: { name: 'simulation', include: ['test/simulation/**/*.test.ts'], testTimeout: 120_000 },
      },
      {
        test: {
          name: 'system',
          include: ['test/system/**/*.test.ts', 'dashboard/testing/*.spec.ts'],
          globalSetup: ['test/servers/setup.ts'],
          testTimeout: 120_000,
          hookTimeout: 60_000,
          // After the others: real clocks run here, and mostly wait, so that two files side by side disturb nobody.
          sequence: { groupOrder: 1 },
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
