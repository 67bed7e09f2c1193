/** Sessions that are kept, lines that are cut, brokers that restart or say nothing. */
import assert from 'node:assert/strict';
import { startBlackhole, startMosquitto } from '../support/servers';
import { bothWays, wire } from './connection-flow';
import { conformance } from './context';

conformance('sessions and reconnects', (context, version) => {
  it('stopping does not wait for a broker that says nothing', async () => {
    const silent = await startBlackhole();
    context().after(() => silent.stop());
    const flow = await context().load(bothWays(silent.port, version, 'x'));
    await flow.shows('in', 'yellow');

    const before = Date.now();
    await flow.stop();

    assert.ok(Date.now() - before < 3_000, `it took ${Date.now() - before} ms`);
  });

  for (const [autoUnsubscribe, missed] of [
    [false, ['missed', 'live']],
    [true, ['live']],
    [undefined, ['live']],
  ] as const) {
    it(`autoUnsubscribe ${autoUnsubscribe}: of a kept session, ${missed.length === 2 ? 'what came meanwhile arrives' : 'nothing is kept over a stop'}`, async () => {
      const { port, prefix } = context();
      const session = { clientid: prefix, cleansession: false, sessionExpiry: '60', autoUnsubscribe };
      const nodes = bothWays(port, version, `${prefix}/a`, session);
      const observer = await context().observer();
      const first = await context().load(nodes);
      await first.shows('in', 'green');
      await first.call('out', { topic: `${prefix}/a`, payload: 'x', qos: 1 });
      await first.messages('received', 1);
      await first.stop();
      await observer.publish(`${prefix}/a`, 'missed', { qos: 1 });

      const second = await context().load(nodes);
      await second.shows('in', 'green');
      await second.call('out', { topic: `${prefix}/a`, payload: 'live', qos: 1 });
      await second.until('the live message', () => second.at('received').at(-1)?.payload === 'live');

      assert.deepEqual(
        second.at('received').map((msg) => msg.payload),
        missed,
      );
    });
  }

  it('a line that was cut: what came meanwhile arrives once, with a kept session', async () => {
    const { prefix } = context();
    const line = await wire(context());
    const session = { clientid: prefix, cleansession: false, sessionExpiry: '60' };
    const observer = await context().observer();
    const flow = await context().load(bothWays(line.port, version, `${prefix}/a`, session));
    await flow.shows('in', 'green');
    // QoS 0: there is no acknowledgement that the cut could swallow.
    await flow.call('out', { topic: `${prefix}/a`, payload: 'before' });
    await flow.messages('received', 1);

    line.refuse(true);
    line.cut();
    await flow.shows('in', 'yellow');
    await observer.publish(`${prefix}/a`, 'meanwhile', { qos: 1 });
    line.refuse(false);
    await flow.shows('in', 'green', 8_000);
    await flow.call('out', { topic: `${prefix}/a`, payload: 'after', qos: 1 });
    await flow.until('the last', () => flow.at('received').at(-1)?.payload === 'after');

    assert.deepEqual(
      flow.at('received').map((msg) => msg.payload),
      ['before', 'meanwhile', 'after'],
    );
  }).timeout(12_000);

  it('a broker that restarts: everything works again, and each message arrives once', async () => {
    const mosquitto = await startMosquitto();
    context().after(() => mosquitto.stop());
    const { prefix } = context();
    const flow = await context().load(bothWays(mosquitto.port, version, `${prefix}/a`));
    await flow.shows('in', 'green');
    await flow.call('control', { action: 'subscribe', topic: `${prefix}/b` });

    const down = flow.until('the loss', () => flow.node('broker').connected === false);
    await mosquitto.restart();
    await down;
    await flow.shows('in', 'green', 8_000);
    for (const topic of ['a', 'b'])
      await flow.call('out', { topic: `${prefix}/${topic}`, payload: topic, qos: 1 });
    await flow.messages('received', 2);

    assert.deepEqual(
      flow.at('received').map((msg) => msg.payload),
      ['a', 'b'],
    );
    assert.equal(flow.node('broker').connected, true);
  }).timeout(15_000);
});
