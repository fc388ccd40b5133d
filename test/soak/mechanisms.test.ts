import { vi } from 'vitest';
import { mechanismSuite } from '../simulation/mechanisms.suite.ts';

vi.setConfig({ testTimeout: 3_600_000 });

/** Without any one mechanism the simulation fails within fifty seeds, of as many towns. */
mechanismSuite(() => Array.from({ length: 50 }, (_, i) => i * 10 + (i % 10)));
