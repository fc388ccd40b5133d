import { simulationSuite } from './simulation.suite.ts';

// 200 seeds in four files, so that they run beside each other; the soak runs any number.
simulationSuite(0, 49);
