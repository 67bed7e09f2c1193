/** `msg.action` connect and disconnect: the flow controls the connection. */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { BROKER } from '../support/flows';
import type { Message } from '../support/runtime';
import { freePort, startMosquitto } from '../support/servers';
import { bothWays, phases, wire } from './connection-flow';
import { conformance } from './context';

conformance('connection: actions', (context, version) => {
  it('autoConnect false: no connection until a message asks for it', async () => {
    const { prefix } = context();
    const line = await wire(context());
    const flow = await context().load(bothWays(line.port, version, `${prefix}/x`, { autoConnect: false }));
    assert.deepEqual([line.connections, flow.node(BROKER).connected], [0, false]);
    assert.deepEqual(phases(flow.statusesOf('out')), ['red ring']);

    const completion = await flow.call('out', { action: 'connect' });

    assert.deepEqual([completion.error, flow.node(BROKER).connected, line.connections], [undefined, true, 1]);
    await flow.shows('in', 'green');
    await flow.shows('out', 'green');
    await flow.call('out', { topic: `${prefix}/x`, payload: 'x' });
    await flow.messages('received', 1);
  });

  it('autoConnect "false" as text is false too', async () => {
    const { prefix } = context();
    const line = await wire(context());
    const flow = await context().load(bothWays(line.port, version, prefix, { autoConnect: 'false' }));

    assert.deepEqual([line.connections, flow.node(BROKER).connected], [0, false]);
    await flow.call('control', { action: 'connect' });
    assert.equal(line.connections, 1);
  });

  for (const id of ['out', 'control']) {
    it(`${id}: disconnect and connect again; nothing is published, and done is called once each`, async () => {
      const { prefix } = context();
      const line = await wire(context());
      const flow = await context().load(bothWays(line.port, version, `${prefix}/#`));
      for (const node of ['in', 'out', 'control']) await flow.shows(node, 'green');
      const disconnect: Message = { action: 'disconnect', topic: `${prefix}/x`, payload: 'no' };
      const connect: Message = { action: 'connect', topic: `${prefix}/x`, payload: 'no' };

      const down = await flow.call(id, disconnect);
      assert.deepEqual([down.error, flow.node(BROKER).connected], [undefined, false]);
      for (const node of ['in', 'out', 'control']) await flow.shows(node, 'red');
      await line.until('a DISCONNECT', () => line.sent('disconnect').length === 1);
      const up = await flow.call(id, connect);
      assert.deepEqual([up.error, flow.node(BROKER).connected], [undefined, true]);
      for (const node of ['in', 'out', 'control']) await flow.shows(node, 'green');

      await flow.call('out', { topic: `${prefix}/x`, payload: 'yes' });
      await flow.messages('received', 1);
      assert.deepEqual(
        flow.at('received').map((msg) => msg.payload),
        ['yes'],
      );
      assert.deepEqual([flow.completionsOf(disconnect).length, flow.completionsOf(connect).length], [1, 1]);
      assert.equal(line.connections, 2);
    });
  }

  it('connect while connected is done at once', async () => {
    const { prefix } = context();
    const line = await wire(context());
    const flow = await context().load(bothWays(line.port, version, prefix));
    await flow.shows('out', 'green');

    const completion = await flow.call('out', { action: 'connect' });

    assert.deepEqual([completion.error, line.connections], [undefined, 1]);
  });

  it('connect while connecting is done at once', async () => {
    const { prefix } = context();
    const line = await wire(context());
    line.refuse(true);
    const flow = await context().load(bothWays(line.port, version, prefix));
    await line.until('an attempt', () => line.connections > 0);

    assert.equal((await flow.call('out', { action: 'connect' })).error, undefined);
    assert.equal(flow.node(BROKER).connected, false);
  });

  it('disconnect while connecting ends the attempts', async () => {
    const { prefix } = context();
    const line = await wire(context());
    line.refuse(true);
    const flow = await context().load(bothWays(line.port, version, prefix));
    await line.until('an attempt', () => line.connections > 0);

    assert.equal((await flow.call('out', { action: 'disconnect' })).error, undefined);
    await flow.shows('in', 'red');
    const before = line.connections;
    await sleep(300); // Three of core’s attempts.

    assert.equal(line.connections, before);
  });

  it('disconnect while not connected is done at once', async () => {
    const { port, prefix } = context();
    const flow = await context().load(bothWays(port, version, prefix, { autoConnect: false }));

    assert.equal((await flow.call('out', { action: 'disconnect' })).error, undefined);
  });

  it('connect with another broker, user and password', async () => {
    const mosquitto = await startMosquitto({ users: { anna: 'geheim' } });
    context().after(() => mosquitto.stop());
    const { prefix } = context();
    const nobody = await freePort();
    const flow = await context().load(bothWays(nobody, version, `${prefix}/x`, { autoConnect: false }));

    const other = { broker: '127.0.0.1', port: String(mosquitto.port), username: 'anna', password: 'geheim' };
    const completion = await flow.call('out', { action: 'connect', broker: other });
    await flow.call('out', { topic: `${prefix}/x`, payload: 'there', qos: 1 });

    assert.equal(completion.error, undefined);
    await flow.messages('received', 1);
  });

  it('connect with a url', async () => {
    const { port, prefix } = context();
    const nobody = await freePort();
    const flow = await context().load(bothWays(nobody, version, `${prefix}/x`, { autoConnect: false }));

    const completion = await flow.call('control', {
      action: 'connect',
      broker: { url: `mqtt://127.0.0.1:${port}` },
    });
    await flow.call('out', { topic: `${prefix}/x`, payload: 'there', qos: 1 });

    assert.equal(completion.error, undefined);
    await flow.messages('received', 1);
  });

  it('connect with a broker while connected: an error, and the connection stays', async () => {
    const { prefix } = context();
    const line = await wire(context());
    const other = await wire(context());
    const flow = await context().load(bothWays(line.port, version, prefix));
    await flow.shows('out', 'green');

    const completion = await flow.call('out', {
      action: 'connect',
      broker: { port: other.port },
      mine: 'kept',
    });
    const [caught] = await flow.messages('errors', 1);

    assert.ok(completion.error);
    assert.equal(caught?.mine, 'kept');
    assert.deepEqual([line.connections, other.connections, flow.node(BROKER).connected], [1, 0, true]);
  });

  it('… unless it says force: then it moves, and the subscriptions with it', async () => {
    const { prefix } = context();
    const line = await wire(context());
    const other = await wire(context());
    const flow = await context().load(bothWays(line.port, version, `${prefix}/x`));
    await flow.shows('out', 'green');

    const completion = await flow.call('out', {
      action: 'connect',
      broker: { port: other.port, clientid: `${prefix}/b`, force: true },
    });
    await flow.call('out', { topic: `${prefix}/x`, payload: 'there', qos: 1 });
    await flow.messages('received', 1);

    assert.deepEqual([completion.error, line.connections, other.connections], [undefined, 1, 1]);
    assert.equal(other.sent('connect')[0]?.clientId, `${prefix}/b`);
    assert.equal(line.sent('disconnect').length, 1);
  });

  it('what connect overrode stays for the next connect', async () => {
    const { prefix } = context();
    const line = await wire(context());
    const other = await wire(context());
    const flow = await context().load(bothWays(line.port, version, prefix, { autoConnect: false }));

    await flow.call('out', { action: 'connect', broker: { port: other.port } });
    await flow.call('out', { action: 'disconnect' });
    await flow.call('out', { action: 'connect' });

    assert.deepEqual([line.connections, other.connections], [0, 2]);
  });
});
