/** Acknowledgements that are kept back, on a real connection: how many, and each sent once. */
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
      link = new MqttLink(
        mqtt,
        {
          endpoint: { protocol: 'mqtt', host: '127.0.0.1', port: broker.port },
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
        {
          connected: () => {
            ready = true;
          },
          down: () => {},
          retrying: () => {},
          drained: () => {},
          malformed: () => {},
          crowded: () => {
            crowded += 1;
          },
          message: (_topic, payload) =>
            void held.push({ id: payload.toString(), hold: link.inbound.deferAck(() => {}) }),
        },
      );
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
