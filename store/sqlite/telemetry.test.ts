import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { telemetrySuite } from '../telemetry.suite.ts';
import { openSqliteTelemetry } from './telemetry.ts';

telemetrySuite('sqlite', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'precall-telemetry-'));
  return {
    open: () => openSqliteTelemetry({ path: join(folder, 'telemetry.db') }),
    dispose: () => rm(folder, { recursive: true, force: true }),
  };
});
