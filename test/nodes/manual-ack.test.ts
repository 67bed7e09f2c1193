/** Acknowledging by hand: the broker keeps a message until the flow has taken it. */
import assert from 'node:assert/strict';
import { Context, OURS, sharedMosquitto } from '../conformance/context';
import { Wire } from '../conformance/wire';
import { broker, mqttIn, mqttOut, sink, tab } from '../support/flows';

const CLIENT = 'manual-ack';

for (const version of [4, 5] as const) {
  describe(`dinox-mqtt-in: acknowledging by hand [MQTT ${version}]`, () => {
    let context: Context;
    let session: object;

    beforeEach(async () => {
      context = new Context(OURS, version, (await sharedMosquitto()).port);
      session = {
        clientid: `${CLIENT}-${context.prefix.replaceAll('/', '-')}`,
        cleansession: false,
        sessionExpiry: '600',
      };
    });
    afterEach(() => context.end());

    const start = async (properties: object = {}, connection: object = {}) => {
      const { prefix, port } = context;
      const flow = await context.load([
        tab(),
        broker(port, version, { ...session, ...connection }),
        mqttIn('in', `${prefix}/x`, 'out', { qos: '2', inputs: 1, manualAck: true, ...properties }),
        sink('out'),
        mqttOut('own'),
      ]);
      await flow.shows('own', 'green');
      return flow;
    };
    const payloads = (flow: Awaited<ReturnType<typeof start>>) => flow.at('out').map((msg) => msg.payload);

    it('what was not acknowledged comes again after a restart, the rest does not', async () => {
      const { prefix } = context;
      // As on a stop of Node-RED with the subscription kept.
      const first = await start({}, { autoUnsubscribe: false });
      for (const payload of ['a', 'b', 'c'])
        await first.call('own', { topic: `${prefix}/x`, payload, qos: 1 });
      const messages = await first.messages('out', 3);
      await first.call('in', { action: 'ack', ackId: messages[1]?.ackId });
      await first.stop();

      const second = await start({}, { autoUnsubscribe: false });
      await second.messages('out', 2);
      for (const { ackId } of second.at('out')) await second.call('in', { action: 'ack', ackId });
      await second.stop();

      const third = await start({}, { autoUnsubscribe: false });
      await third.call('own', { topic: `${prefix}/x`, payload: 'end', qos: 1 });
      await third.messages('out', 1);

      assert.deepEqual(payloads(second).sort(), ['a', 'c']);
      assert.deepEqual(payloads(third), ['end']);
    });

    it('the line breaks: what was not acknowledged comes again under a new ackId, the rest does not', async () => {
      const { prefix, port } = context;
      const wire = await Wire.start(port);
      context.after(() => wire.end());
      const flow = await start({ ackLimit: '2' }, { port: String(wire.port) });
      for (const payload of ['a', 'b', 'c'])
        await flow.call('own', { topic: `${prefix}/x`, payload, qos: 1 });
      const [first, second] = await flow.messages('out', 2);
      await flow.call('in', { action: 'ack', ackId: first?.ackId });
      await flow.messages('out', 3);
      await wire.until('the broker is told', () => wire.sent('puback').length === 1);

      wire.cut();
      await flow.messages('out', 5);

      assert.deepEqual(payloads(flow), ['a', 'b', 'c', 'b', 'c']);
      assert.match(
        String((await flow.call('in', { action: 'ack', ackId: second?.ackId })).error),
        /connection was lost since, and it comes again/,
      );
      for (const { ackId } of flow.at('out').slice(3))
        assert.equal((await flow.call('in', { action: 'ack', ackId })).error, undefined);
      await wire.until('the broker is told', () => wire.sent('puback').length === 3);
      wire.cut();
      await wire.until('a third connection', () => wire.connections === 3);
      await context.subscribed(flow);
      await flow.call('own', { topic: `${prefix}/x`, payload: 'end', qos: 1 });
      await flow.messages('out', 6);
      assert.deepEqual(payloads(flow).slice(5), ['end']);
    });

    it('JSON that does not parse is an error, acknowledged, and takes nobody’s place', async () => {
      const { prefix } = context;
      const once = { autoUnsubscribe: false };
      const first = await start({ datatype: 'json', ackLimit: '1' }, once);
      for (const payload of ['{broken', '{"n":1}', 'broken too', '{"n":2}'])
        await first.call('own', { topic: `${prefix}/x`, payload, qos: 1 });
      const [message] = await first.messages('out', 1);
      await first.call('in', { action: 'ack', ackId: message?.ackId });
      await first.messages('out', 2);
      const errors = (flow: typeof first) =>
        flow.logged.filter(({ level, text }) => level === 'error' && /is not JSON/.test(text)).length;
      assert.deepEqual([errors(first), payloads(first)], [2, [{ n: 1 }, { n: 2 }]]);
      await first.stop();

      const second = await start({ datatype: 'json' }, once);
      await second.call('own', { topic: `${prefix}/x`, payload: '{"n":3}', qos: 1 });
      await second.messages('out', 2);
      assert.deepEqual([errors(second), payloads(second)], [0, [{ n: 2 }, { n: 3 }]]);
    });

    it('no more than the limit wait; each acknowledgement lets the next one through', async () => {
      const { prefix } = context;
      const flow = await start({ ackLimit: '2' });
      for (const payload of ['a', 'b', 'c', 'd'])
        await flow.call('own', { topic: `${prefix}/x`, payload, qos: 1 });
      await flow.call('own', { topic: `${prefix}/other`, payload: '', qos: 1 });
      assert.deepEqual(payloads(flow), ['a', 'b']);

      await flow.call('in', { action: 'ack', ackId: flow.at('out')[0]?.ackId });
      await flow.messages('out', 3);

      assert.deepEqual(payloads(flow), ['a', 'b', 'c']);
    });

    it('a deploy of the node alone: what was not acknowledged comes again, and the others follow', async () => {
      const { port, prefix } = context;
      const flowOf = (name: string) => [
        tab(),
        broker(port, version, session),
        mqttIn('in', `${prefix}/x`, 'out', { qos: '2', inputs: 1, manualAck: true, ackLimit: '2', name }),
        sink('out'),
        mqttOut('own'),
      ];
      const flow = await context.load(flowOf('first'));
      await context.subscribed(flow);
      for (const payload of ['a', 'b', 'c'])
        await flow.call('own', { topic: `${prefix}/x`, payload, qos: 1 });
      await flow.messages('out', 2);

      await flow.deploy(context.types(flowOf('second')));
      await flow.messages('out', 4);
      assert.deepEqual(payloads(flow), ['a', 'b', 'a', 'b']);

      for (const index of [2, 3]) {
        const { error } = await flow.call('in', { action: 'ack', ackId: flow.at('out')[index]?.ackId });
        assert.equal(error, undefined);
      }
      assert.equal((await flow.messages('out', 5))[4]?.payload, 'c');
    });

    it('after ackTimeout the node acknowledges by itself', async () => {
      const { prefix } = context;
      const flow = await start({ ackLimit: '1', ackTimeout: '100ms' });
      for (const payload of ['a', 'b']) await flow.call('own', { topic: `${prefix}/x`, payload, qos: 1 });

      await flow.messages('out', 2);

      const late = await flow.call('in', { action: 'ack', ackId: flow.at('out')[0]?.ackId });
      assert.match(String(late.error), /No message waits/);
    });

    it('an unknown, missing or doubled ackId is an error', async () => {
      const { prefix } = context;
      const flow = await start();
      await flow.call('own', { topic: `${prefix}/x`, payload: 'a', qos: 1 });
      const [message] = await flow.messages('out', 1);

      for (const ackId of [undefined, 7, 'nobody']) {
        assert.match(String((await flow.call('in', { action: 'ack', ackId })).error), /No message waits/);
      }
      assert.equal((await flow.call('in', { action: 'ack', ackId: message?.ackId })).error, undefined);
      assert.match(
        String((await flow.call('in', { action: 'ack', ackId: message?.ackId })).error),
        /No message waits/,
      );
    });

    it('a QoS 0 message has no ackId and needs none; a clean session is warned of', async () => {
      const { prefix } = context;
      const flow = await start({}, { cleansession: true, sessionExpiry: '' });
      await flow.call('own', { topic: `${prefix}/x`, payload: 'a', qos: 0 });

      const [message] = await flow.messages('out', 1);

      assert.equal(message?.ackId, undefined);
      assert.ok(
        flow.logged.some(
          ({ level, text }) => level === 'warn' && /a session that the server keeps/.test(text),
        ),
      );
    });
  });
}
