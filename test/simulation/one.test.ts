import { simulationSuite } from './simulation.suite.ts';

// The one that `npm run check` has time for.
simulationSuite(1_000, 1_000);
