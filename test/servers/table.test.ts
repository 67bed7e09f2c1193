/** docs/servers.md and the profiles say what the servers do. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { profileOf } from '../../src/servers/profiles';
import { ensureServers, GENERATIONS } from '../support/servers/index';
import type { Measured } from '../support/table/measure';
import { failures, type Row, render } from '../support/table/render';
import { measureServers, type Results } from '../support/table/run';

describe('the table of servers', function () {
  this.timeout(10 * 60_000);
  let results: Results = { rows: [], behaviours: [] };

  before(async function () {
    const here = await ensureServers();
    const missing = GENERATIONS.flatMap((generation) => here[generation].missing);
    if (missing.length > 0) {
      process.stdout.write(`SKIPPED SUITE: the table of servers: ${missing.join('; ')}\n`);
      this.skip();
    }
    results = await measureServers();
  });

  it('has nothing that may not happen anywhere: lost, twice, unsaid', () => {
    assert.deepEqual(failures(results.behaviours), []);
  });

  it('is what a fresh run gives', () => {
    const file = readFileSync(join(__dirname, '../../docs/servers.md'), 'utf8');
    assert.equal(file, render(results), 'run npm run docs:servers, and look at what changed');
  });

  it('has both generations of all three, and the broken bridge', () => {
    const { rows } = results;
    const types = rows.map(({ target }) => target.type);
    assert.deepEqual(types, [
      ...['ejabberd', 'ejabberd', 'prosody', 'prosody', 'prosody'],
      ...['mosquitto', 'mosquitto'],
    ]);
    assert.equal(rows.filter(({ measured }) => !measured.subscribes).length, 1);
  });

  it('agrees with the profiles', () => {
    for (const { target, measured } of results.rows) {
      const { messages, filters } = measured;
      if (!messages || !filters) continue;
      assert.deepEqual(measuredProfile(measured), profiled(target.type), target.name);
    }
  });
});

/** The parts of a profile that can be measured, as measured. */
function measuredProfile({ versions, login, will, messages, filters, ...session }: Measured) {
  const levels = filters?.maxLevels ?? 0;
  return {
    versions: versions.filter((version) => version > 3).reverse(),
    needsNoLogin: login.without === 0 && login.wrong === 0,
    maxQos: Math.max(...(messages?.acknowledged ?? [])),
    retain: messages?.retained,
    will,
    wildcards: filters?.wildcards,
    shared: filters?.shared,
    subscriptionIds: filters?.subscriptionIds,
    persistentSessions: session.sessionKept,
    // Nobody writes filters of two hundred levels.
    maxFilterLevels: levels >= 200 ? undefined : levels,
    confirmsUnsubscribe: filters?.confirmsUnsubscribe,
    perFilter: (filters?.copies.v4 ?? 0) > 1,
    sessionLimit: session.sessionKept && session.sessionExpiry !== 86_400 ? session.sessionExpiry : undefined,
  };
}

function profiled(type: Row['target']['type']): ReturnType<typeof measuredProfile> {
  const { versions, login, capabilities, overlapping, sessionLimit } = profileOf(type);
  const { maxTopicBytes: _, maxFilterLevels, ...others } = capabilities;
  return {
    ...others,
    maxFilterLevels,
    versions: [...versions],
    needsNoLogin: login === 'none',
    perFilter: overlapping === 'perFilter',
    sessionLimit,
  };
}
