import { simulationSuite } from './simulation.suite.ts';

// 200 seeds in four files, so that they run beside each other.
simulationSuite(0, 49);
