/** On a real connection: acknowledgements that are kept back, and a line that MQTT.js breaks by itself. */
import assert from 'node:assert/strict';
import { lookup } from 'node:dns';
import { setTimeout as sleep } from 'node:timers/promises';
import * as mqtt from 'mqtt';
import type { PendingAck } from '../../../../src/transport/messages';
import { MqttLink } from '../../../../src/transport/mqtt/link';
import { ScriptBroker } from '../script-broker';

const MESSAGES = 1_500;
const MAX_HELD = 1_000;

async function until(what: string, look: () => boolean): Promise<void> {
  for (const end = Date.now() + 10_000; !look(); await sleep(5))
    if (Date.now() > end) throw new Error(`not within 10 s: ${what}`);
}

const linkTo = (port: number, version: 4 | 5, listener: object): MqttLink =>
  new MqttLink(
    mqtt,
    {
      endpoint: { protocol: 'mqtt', host: '127.0.0.1', port },
      servername: '127.0.0.1',
      tls: {},
      lookup,
      version,
      clientId: 'held',
      keepalive: 60,
      clean: true,
      connectTimeout: 5_000,
      nextDelay: () => 10,
      steady: () => performance.now(),
    } as never,
    { down: () => {}, retrying: () => {}, drained: () => {}, malformed: () => {}, ...listener } as never,
  );

for (const version of [4, 5] as const)
  describe(`acknowledgements that are kept back, MQTT ${version}`, () => {
    let broker: ScriptBroker;
    let link: MqttLink;
    let crowded = 0;
    const held: { id: string; hold: PendingAck | undefined }[] = [];

    beforeEach(async () => {
      broker = await ScriptBroker.start();
      held.length = 0;
      crowded = 0;
      let ready = false;
      link = linkTo(broker.port, version, {
        connected: () => {
          ready = true;
        },
        crowded: () => {
          crowded += 1;
        },
        message: (_topic: string, payload: Buffer) =>
          void held.push({ id: payload.toString(), hold: link.inbound.deferAck(() => {}) }),
      });
      await until('the connection', () => ready);
    });
    afterEach(async () => {
      await link.end();
      await broker.end();
    });

    const send = (): void => {
      for (let messageId = 1; messageId <= MESSAGES; messageId++)
        broker.last.send({ cmd: 'publish', topic: 't', payload: String(messageId), qos: 1, messageId });
    };
    const acknowledged = () => broker.got('puback').map(({ messageId }) => messageId);

    it('are not more than a thousand or so: reading pauses, and goes on as they are given', async () => {
      send();
      await until('as many as may wait', () => held.length > MAX_HELD);
      await sleep(100);
      assert.equal(held.length, MAX_HELD + 1);
      assert.deepEqual([acknowledged(), crowded], [[], 1]);

      for (let next = 0; next < MESSAGES; next++) {
        await until(`message ${next + 1}`, () => held.length > next);
        held[next]?.hold?.release();
      }
      await until('all are acknowledged', () => acknowledged().length >= MESSAGES);
      await sleep(50);

      const all = Array.from({ length: MESSAGES }, (_, index) => index + 1);
      assert.deepEqual(
        held.map(({ id }) => Number(id)),
        all,
      );
      // A second one would take the next message with that number from the flow.
      assert.deepEqual(acknowledged(), all);
    });

    it('MQTT 5: the server is told not to send more than that', () => {
      const said = broker.got('connect')[0]?.properties?.receiveMaximum;
      assert.equal(said, version === 5 ? MAX_HELD : undefined);
    });

    it('given while reading pauses for another reason: sent once all the same', async () => {
      link.inbound.pause('congested', true);
      broker.last.send({ cmd: 'publish', topic: 't', payload: '1', qos: 1, messageId: 1 });
      await until('the message', () => held.length === 1);
      held[0]?.hold?.release();
      link.inbound.pause('congested', false);
      broker.last.send({ cmd: 'publish', topic: 't', payload: '2', qos: 1, messageId: 2 });
      await until('the next', () => held.length === 2);
      held[1]?.hold?.release();
      await until('both', () => acknowledged().includes(2));
      assert.deepEqual(acknowledged(), [1, 2]);
    });
  });

describe('kind: our own pause. The process stands still while MQTT.js breaks a silent line', () => {
  it('the next connection is one: it said connected, and took nothing, for ever', async () => {
    const broker = await ScriptBroker.start();
    let connected = 0;
    const link = linkTo(broker.port, 4, { connected: () => (connected += 1) });
    const client = link['client'];
    try {
      await until('the connection', () => connected === 1);
      client.options.reconnectPeriod = 1;
      const writable: boolean[] = [];
      // Its close comes after MQTT.js's timer, as in a process that has no time.
      const { stream } = client;
      const destroy = stream._destroy.bind(stream);
      stream._destroy = (error: Error | null, then: (error?: Error | null) => void) =>
        void setTimeout(destroy, 50, error, then);
      client['onKeepaliveTimeout']();
      writable.push(link.writable);
      await until('the next one', () => connected === 2);
      assert.deepEqual([...writable, link.writable], [false, true]);
      link.publish({ topic: 't', payload: 'x', qos: 0, retain: false }, () => {});
      await until('the message', () => broker.got('publish').length === 1);
      assert.equal(broker.got('connect').length, 2);
    } finally {
      await link.end();
      await broker.end();
    }
  });
});
