import type { Reporter, TestModule } from 'vitest/node';
import { findServers } from './servers.ts';

/** Says at the end of a run which real programs the tests met, which were missing, and how many tests there were. */
export default class ServersReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const count = { passed: 0, failed: 0, skipped: 0, pending: 0 };
    for (const module of modules)
      for (const test of module.children.allTests()) count[test.result().state] += 1;
    const failedModules = modules.filter(
      (module) => module.state() === 'failed' && module.errors().length > 0,
    ).length;
    const system = modules.some((module) => module.project.name === 'system');
    if (system) {
      console.log('\nReal servers and clients');
      console.log(`  used     Node ${process.version} (precall itself, as child processes)`);
      for (const { name, command, version, usedFor } of findServers()) {
        if (command) console.log(`  used     ${name} (${version}): ${usedFor}`);
        else
          console.log(
            `  skipped  ${name}: not installed, so ${usedFor} was not tested; bash test/servers/install.sh installs it`,
          );
      }
    }
    console.log(
      `\ntests: ${count.passed} passed, ${count.failed + failedModules} failed, ${count.skipped} skipped`,
    );
  }
}
