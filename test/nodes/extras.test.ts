/** What users of core's nodes ask for and ours have: which filter matched, what the wildcards stood for, when, `${ENV}`. */
import assert from 'node:assert/strict';
import { Context, OURS, sharedMosquitto } from '../conformance/context';
import { Wire } from '../conformance/wire';
import { BROKER, broker, mqttIn, mqttOut, sink, tab } from '../support/flows';

for (const version of [4, 5] as const) {
  describe(`dinox-mqtt-in: more than core tells [MQTT ${version}]`, () => {
    let context: Context;

    beforeEach(async () => {
      context = new Context(OURS, version, (await sharedMosquitto()).port);
    });
    afterEach(() => context.end());

    it('msg.filter, msg.levels, msg.receivedAt', async () => {
      const { prefix, port } = context;
      const filter = `${prefix}/+/light/#`;
      const flow = await context.load([
        tab(),
        broker(port, version),
        mqttIn('in', filter, 'out'),
        sink('out'),
        mqttOut('own'),
      ]);
      await context.subscribed(flow);
      const before = Date.now();

      await flow.call('own', { topic: `${prefix}/kitchen/light/on/now`, payload: '1', qos: 1 });
      const [msg] = await flow.messages('out', 1);

      assert.equal(msg?.filter, filter);
      assert.deepEqual(msg?.levels, ['kitchen', 'on/now']);
      assert.ok(Number(msg?.receivedAt) >= before && Number(msg?.receivedAt) <= Date.now());
    });

    it('a filter without wildcards has no levels; empty levels are levels', async () => {
      const { prefix, port } = context;
      const nodes = [
        mqttIn('in', `${prefix}/x`, 'out'),
        sink('out'),
        mqttIn('plus', `${prefix}/+/y`, 'outPlus'),
        sink('outPlus'),
      ];
      const flow = await context.load([tab(), broker(port, version), ...nodes, mqttOut('own')]);
      await context.subscribed(flow);

      await flow.call('own', { topic: `${prefix}/x`, payload: '1', qos: 1 });
      await flow.call('own', { topic: `${prefix}//y`, payload: '1', qos: 1 });

      assert.deepEqual((await flow.messages('out', 1))[0]?.levels, []);
      assert.deepEqual((await flow.messages('outPlus', 1))[0]?.levels, ['']);
    });

    it('${ENV} inside topics and broker fields', async () => {
      const { prefix, port } = context;
      const room = { name: 'ROOM', type: 'str', value: 'kitchen' };
      process.env.DINOX_TEST_PORT = String(port);
      context.after(async () => {
        delete process.env.DINOX_TEST_PORT;
      });
      // The port is only a part of the field: Node-RED itself leaves such a one as it is.
      const flow = await context.load([
        tab({ env: [room] }),
        broker(port, version, { broker: 'mqtt://127.0.0.1:${DINOX_TEST_PORT}', port: '' }),
        mqttIn('in', `${prefix}/\${ROOM}/state`, 'out'),
        sink('out'),
        mqttOut('own'),
        mqttOut('set', { topic: `${prefix}/\${ROOM}/state` }),
      ]);
      await context.subscribed(flow);

      await flow.call('set', { payload: '1' });

      assert.equal((await flow.messages('out', 1))[0]?.topic, `${prefix}/kitchen/state`);
    });

    it('${ENV} in what the CONNECT says, the user name too', async () => {
      const wire = await Wire.start(context.port);
      context.after(() => wire.end());
      const env = { NAME: 'anna', SECONDS: '17' };
      Object.assign(process.env, env);
      context.after(async () => {
        for (const name of Object.keys(env)) delete process.env[name];
      });
      const properties = {
        clientid: 'client-${NAME}',
        keepalive: '${SECONDS}',
        willTopic: `${context.prefix}/\${NAME}/will`,
        willPayload: '${NAME} is gone',
      };
      const flow = await context.load([tab(), broker(wire.port, version, properties), mqttOut('own')], {
        [BROKER]: { user: '${NAME}-node', password: 'p${NAME}' },
      });
      await flow.shows('own', 'green');

      const [connect] = wire.sent('connect').slice(-1);
      assert.deepEqual(
        [connect?.clientId, connect?.keepalive, connect?.username, String(connect?.password)],
        ['client-anna', 17, 'anna-node', 'p${NAME}'],
      );
      assert.deepEqual(
        [connect?.will?.topic, String(connect?.will?.payload)],
        [`${context.prefix}/anna/will`, 'anna is gone'],
      );
    });
  });
}

describe('dinox-mqtt-out: topic aliases', () => {
  it('a topic goes out once; then its alias stands for it, and every message arrives under it', async () => {
    const context = new Context(OURS, 5, (await sharedMosquitto()).port);
    const wire = await Wire.start(context.port);
    context.after(() => wire.end());
    try {
      const observer = await context.observer();
      const flow = await context.load([tab(), broker(wire.port, 5), mqttOut('own')]);
      await flow.shows('own', 'green');
      const topic = `${context.prefix}/living_room`;

      for (const payload of ['1', '2', '3']) await flow.call('own', { topic, payload, qos: 1 });

      assert.deepEqual(
        wire.sent('publish').map((packet) => packet.topic),
        [topic, '', ''],
      );
      await observer.until('three messages', () => observer.seen.length === 3);
      assert.deepEqual([...new Set(observer.seen.map((packet) => packet.topic))], [topic]);
    } finally {
      await context.end();
    }
  });
});
