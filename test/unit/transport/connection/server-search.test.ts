import assert from 'node:assert/strict';
import { words } from '../../../../src/base/catalogue';
import type { Plan } from '../../../../src/discovery/types';
import type { ClientSettings, ClientTools } from '../../../../src/transport/connection/client-types';
import { ServerSearch } from '../../../../src/transport/connection/server-search';
import { LinkError } from '../../../../src/transport/errors';
import { FakeClock } from '../fake-clock';

const PLAN: Plan = {
  serverType: 'mosquitto',
  mqtt: {
    endpoint: { protocol: 'mqtt', host: '127.0.0.1', port: 1_883 },
    servername: '127.0.0.1',
    login: 'none',
  },
  services: {},
  steps: [],
  notices: [],
  at: '2026-01-01T00:00:00.000Z',
};

interface Asked {
  signal: AbortSignal;
  fresh: boolean;
  answer(plan: Plan): void;
  fail(error: Error): void;
}

function setUp() {
  const clock = new FakeClock();
  const asked: Asked[] = [];
  const told: string[] = [];
  const reasons: LinkError[] = [];
  const tools: ClientTools = {
    clock,
    random: () => 0,
    findPlan: (_settings, signal, fresh) =>
      new Promise((answer, fail) => {
        asked.push({ signal, fresh, answer, fail });
      }),
    loadMqtt: () => Promise.resolve({} as typeof import('mqtt')),
  };
  const search = new ServerSearch(tools, () => ({}) as ClientSettings, {
    begins: () => void told.push('begins'),
    plan: () => void told.push('plan'),
    found: () => void told.push('found'),
    failed: (reason) => {
      told.push('failed');
      reasons.push(reason);
    },
  });
  const settle = () => new Promise((resolve) => setImmediate(resolve));
  return { clock, asked, told, reasons, search, settle };
}

describe('search', () => {
  it('tells the plan, then that it has found', async () => {
    const { asked, told, search, settle } = setUp();
    search.begin(true);
    asked[0]?.answer(PLAN);
    await settle();
    assert.deepEqual(told, ['begins', 'plan', 'found']);
    assert.equal(asked[0]?.fresh, true);
  });

  it('tells the plan also where there is no MQTT in it, and stops for good', async () => {
    const { asked, told, reasons, search, settle } = setUp();
    search.begin(false);
    const { mqtt: _, ...without } = PLAN;
    asked[0]?.answer(without);
    await settle();
    assert.deepEqual(told, ['begins', 'plan', 'failed']);
    assert.deepEqual([reasons[0]?.code, reasons[0]?.fatal], ['config', true]);
    assert.match(String(reasons[0]?.message), /offers no MQTT\.$/);
  });

  it('a search that is stopped, or another that begins, makes it count no more', async () => {
    const { asked, told, search, settle } = setUp();
    search.begin(false);
    search.begin(false);
    assert.equal(asked[0]?.signal.aborted, true);
    search.stop();
    assert.equal(asked[1]?.signal.aborted, true);
    asked[0]?.answer(PLAN);
    asked[1]?.fail(new Error('cancelled'));
    await settle();
    assert.deepEqual(told, ['begins', 'begins']);
  });

  it('later: after the wait, once, and not where it was stopped meanwhile', () => {
    const { clock, asked, told, search } = setUp();
    search.later(1_000, true);
    clock.advance(999);
    assert.deepEqual(told, []);
    clock.advance(1);
    assert.deepEqual([told, asked.map(({ fresh }) => fresh)], [['begins'], [true]]);
    search.later(1_000, true);
    search.stop();
    clock.advance(5_000);
    assert.deepEqual([told, clock.waiting], [['begins'], 0]);
  });

  const link = new LinkError('keepalive', words('as it is'));
  for (const [name, error, code, fatal] of [
    ['a reason of a link', link, 'keepalive', false],
    ['a refused login', { code: 'login', fatal: true }, 'login', true],
    ['what a person has to change', { code: 'jid', fatal: true }, 'config', true],
    ['anything else', { code: 'ENOTFOUND' }, 'network', false],
  ] as const) {
    it(`fails with its reason: ${name}`, async () => {
      const { asked, reasons, search, settle } = setUp();
      search.begin(false);
      asked[0]?.fail(error instanceof Error ? error : Object.assign(new Error('x'), error));
      await settle();
      assert.deepEqual([reasons[0]?.code, reasons[0]?.fatal], [code, fatal]);
      if (error === link) assert.equal(reasons[0], link);
    });
  }
});
