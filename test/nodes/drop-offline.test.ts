/** A node that would rather lose a reading than send an old one: at QoS 0 it drops what comes without a connection. */
import assert from 'node:assert/strict';
import { Context, OURS, sharedMosquitto } from '../conformance/context';
import { broker, mqttOut, tab } from '../support/flows';

describe('dinox-mqtt-out: dropping without a connection (dropOffline)', () => {
  let context: Context;
  afterEach(() => context.end());

  it('QoS 0 is dropped, counted and done without an error; all else waits', async () => {
    context = new Context(OURS, 5, (await sharedMosquitto()).port);
    const { prefix, port } = context;
    const topic = `${prefix}/x`;
    const flow = await context.load([
      tab(),
      broker(port, 5),
      mqttOut('now', { dropOffline: true }),
      mqttOut('own'),
    ]);
    const observer = await context.observer();
    await context.subscribed(flow);
    await flow.call('own', { action: 'disconnect' });
    assert.equal((await flow.shows('now', 'red')).text, 'node-red:common.status.disconnected');

    for (const payload of ['a', 'b', 'c']) {
      const { error } = await flow.call('now', { topic, payload });
      assert.equal(error, undefined);
    }
    assert.equal(flow.statusesOf('now').at(-1)?.text, 'disconnected (3 dropped)');
    const waiting = [
      flow.call('now', { topic, payload: 'd', qos: 1 }),
      flow.call('own', { topic, payload: 'e' }),
    ];
    await flow.until('both counts', () =>
      /\(\d waiting, 3 dropped\)/.test(flow.statusesOf('now').at(-1)?.text ?? ''),
    );
    const told = () => flow.complaints().filter(({ text }) => /were dropped/.test(text));
    assert.deepEqual(told(), []);

    await flow.call('own', { action: 'connect' });
    await Promise.all(waiting);
    await flow.call('now', { topic, payload: 'f', qos: 0 });
    await observer.until('the last', () => String(observer.seen.at(-1)?.payload) === 'f');

    assert.deepEqual(
      observer.seen.map(({ payload }) => String(payload)),
      ['d', 'e', 'f'],
    );
    assert.equal(told().length, 1);
    assert.match(told()[0]?.text ?? '', /^3 message\(s\) at QoS 0 were dropped/);
    assert.equal(flow.statusesOf('now').at(-1)?.text, 'node-red:common.status.connected');
  });
});
