/** A resolution ends in time, can be cancelled, and leaves nothing open. */

import assert from 'node:assert/strict';
import { words } from '../../../src/base/catalogue';
import { inEnglish } from '../../../src/base/english';
import type { Step } from '../../../src/base/step';
import { ResolveError } from '../../../src/discovery/errors';
import type { Lookups } from '../../../src/discovery/lookups';
import { resolve } from '../../../src/discovery/resolve';
import { ask, fakeNetwork, online, secure } from './fake-network';

const secrets = { password: 'correct horse' };
const HERE = 'xmpp://example.org:5222';

async function failure(promise: Promise<unknown>): Promise<ResolveError> {
  const error = await promise.then(
    () => undefined,
    (caught: unknown) => caught,
  );
  assert.ok(error instanceof ResolveError, String(error));
  return error;
}

describe('resolve in time', () => {
  it('ends in time where everything swallows what is sent, and says what was tried', async () => {
    const lookups = fakeNetwork({
      srv: { '_xmpp-client': ['a.example.org:5222 1', 'b.example.org:5222 2', 'c.example.org:5222 3'] },
      xmpp: {
        'xmpp://a.example.org:5222': 'hang',
        'xmpp://b.example.org:5222': 'hang',
        'xmpp://c.example.org:5222': 'hang',
      },
      mqtt: {
        'mqtts://a.example.org:8883': 'hang',
        'mqtt://a.example.org:1883': 'hang',
        'mqtts://example.org:8883': 'hang',
        'mqtt://example.org:1883': 'hang',
      },
    });
    const started = Date.now();
    const error = await failure(resolve(ask(), secrets, lookups, { timeoutMs: 600 }));
    assert.ok(Date.now() - started < 750, `${Date.now() - started} ms`);
    assert.equal(error.code, 'timeout');
    assert.equal(error.fatal, false);
    assert.ok(error.steps.length >= 3, JSON.stringify(error.steps));
    assert.equal(lookups.asked.open, 0);
  });

  it('is not held up by XMPP that swallows, where MQTT is typed and answers', async () => {
    const lookups = fakeNetwork({
      xmpp: { [HERE]: 'hang' },
      mqtt: { 'mqtts://mqtt.example.org:8883': secure('ejabberd', 'mqtt.example.org') },
    });
    const plan = await resolve(ask({ host: 'mqtt.example.org' }), secrets, lookups, { timeoutMs: 600 });
    assert.equal(plan.serverType, 'ejabberd');
    assert.ok(plan.steps.some(({ answer, ok }) => !ok && answer.key === 'discovery.noAnswer'));
    assert.equal(lookups.asked.open, 0);
  });

  it('ends also where a look-up heeds no signal', async () => {
    const lookups: Lookups = {
      ...fakeNetwork({}),
      srv: () => new Promise(() => {}),
      xmpp: () => new Promise(() => {}),
    };
    const started = Date.now();
    const error = await failure(resolve(ask(), secrets, lookups, { timeoutMs: 300 }));
    assert.ok(Date.now() - started < 450);
    assert.equal(error.code, 'timeout');
  });

  it('can be cancelled, before and in the middle', async () => {
    const early = AbortSignal.abort();
    const idle = fakeNetwork({});
    assert.equal((await failure(resolve(ask(), secrets, idle, { signal: early }))).code, 'cancelled');
    assert.equal(idle.asked.xmpp.length, 0);

    const controller = new AbortController();
    const lookups = fakeNetwork({ xmpp: { [HERE]: 'hang' }, mqtt: { 'mqtts://example.org:8883': 'hang' } });
    const started = Date.now();
    setTimeout(() => controller.abort(), 50);
    const error = await failure(resolve(ask(), secrets, lookups, { signal: controller.signal }));
    assert.equal(error.code, 'cancelled');
    assert.equal(error.fatal, true);
    assert.ok(Date.now() - started < 300);
    assert.equal(lookups.asked.open, 0);
  });

  it('a refused password does not wait for MQTT', async () => {
    const lookups = fakeNetwork({
      xmpp: { [HERE]: { ok: false, failure: 'login', text: words('no') } },
      mqtt: { 'mqtts://example.org:8883': 'hang' },
    });
    const started = Date.now();
    const error = await failure(resolve(ask(), secrets, lookups));
    assert.equal(error.code, 'login');
    assert.equal(error.fatal, true);
    assert.ok(Date.now() - started < 300);
    await new Promise((next) => setImmediate(next));
    assert.equal(lookups.asked.open, 0);
  });

  it('tells each step once, as it comes, and lists them in the order of the search', async () => {
    const told: Step[] = [];
    const lookups = fakeNetwork({
      srv: { '_secure-mqtt': ['mqtt.example.org:8883'] },
      xmpp: { [HERE]: online('ejabberd 24.12') },
      mqtt: { 'mqtts://mqtt.example.org:8883': secure('ejabberd', 'mqtt.example.org') },
    });
    const plan = await resolve(ask(), secrets, lookups, { onStep: (step) => told.push(step) });
    assert.deepEqual(new Set(plan.steps), new Set(told));
    assert.equal(plan.steps.length, told.length);
    const kinds = plan.steps.map(({ asked }) => inEnglish(asked).replace(/[ ].*/, ''));
    const order = ['SRV', 'XMPP', 'SRV', 'mqtts://mqtt.example.org:8883'].map((kind, index) =>
      kinds.indexOf(kind, index === 2 ? kinds.indexOf('XMPP') : 0),
    );
    assert.deepEqual(
      [...order].sort((a, b) => a - b),
      order,
      kinds.join('\n'),
    );
    for (const { asked, answer, follows, ms } of told) {
      assert.ok(asked && answer && follows && ms >= 0);
      assert.doesNotMatch([asked, answer, follows].map(inEnglish).join(), /undefined|\[object|correct horse/);
    }
  });
});
