import { findServers } from './servers.ts';

/** With CI=true a missing server is a failure: a skipped test must not look like a green one. */
export default (): void => {
  const missing = findServers().filter((entry) => entry.command === null);
  if (process.env.CI === 'true' && missing.length > 0) {
    throw new Error(
      `CI needs ${missing.map((entry) => entry.name).join(', ')}: run bash test/servers/install.sh`,
    );
  }
};
