import { mechanismSuite } from './mechanisms.suite.ts';

// One seed that is known to notice; the soak looks for it among fifty.
mechanismSuite((known) => [known]);
