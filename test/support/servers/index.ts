/** Real servers for tests: installs, starts, breaks and stops them. */
import { ensureServers, GENERATIONS, type Generation } from './install';
import { killServers, runningServers } from './process';

export * from './certificates';
export * from './dnsmasq';
export * from './ejabberd';
export * from './install';
export * from './mosquitto';
export * from './network';
export { freePort, freePorts } from './ports';
export { accepts, killServers, type RestartableServer, runningServers } from './process';
export * from './prosody';
export * from './proxy';

/** Enough for a first installation on a slow line. */
const INSTALL_TIMEOUT_MS = 10 * 60_000;

/**
 * Describes a suite once for each generation of servers. Where a generation is missing the suite is skipped and
 * says so in a line that begins with `SKIPPED SUITE:`; where the environment variable `CI` is set it fails.
 * Servers that a failed test left running are killed after the suite, so that their sockets do not keep mocha
 * from ending.
 */
export function forEachGeneration(name: string, define: (generation: Generation) => void): void {
  for (const generation of GENERATIONS) {
    describe(`${name} [${generation}]`, () => {
      let others: readonly number[] = [];
      before(async function () {
        others = runningServers();
        this.timeout(INSTALL_TIMEOUT_MS);
        const here = (await ensureServers())[generation];
        if (here.available) return;
        process.stdout.write(`SKIPPED SUITE: ${name} [${generation}]: ${here.missing.join('; ')}\n`);
        this.skip();
      });
      define(generation);
      after(() => killServers(others));
    });
  }
}
