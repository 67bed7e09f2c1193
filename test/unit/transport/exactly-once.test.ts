import assert from 'node:assert/strict';
import { lookup } from 'node:dns';
import * as mqtt from 'mqtt';
import { MqttLink } from '../../../src/transport/mqtt/link';
import { ScriptBroker } from './script-broker';

for (const version of [4, 5] as const)
  describe(`messages at QoS 2 that come in, MQTT ${version}`, () => {
    const seen: string[] = [];
    let broker: ScriptBroker;
    let link: MqttLink;
    /** What the server says of the session, connection by connection. */
    let sessions: boolean[];

    beforeEach(async () => {
      seen.length = 0;
      sessions = [false];
      broker = await ScriptBroker.start();
      broker.answer = ({ cmd }, line) => {
        if (cmd !== 'connect') return false;
        const sessionPresent = sessions[broker.lines.length - 1] === true;
        line.send({ cmd: 'connack', returnCode: 0, reasonCode: 0, sessionPresent });
        return true;
      };
      const nothing = (): void => {};
      link = new MqttLink(
        mqtt,
        {
          endpoint: { protocol: 'mqtt', host: '127.0.0.1', port: broker.port },
          servername: 'localhost',
          tls: {},
          lookup,
          version,
          clientId: 'twice',
          keepalive: 60,
          clean: false,
          ...(version === 5 ? { sessionExpiry: 600 } : {}),
          connectTimeout: 10_000,
          nextDelay: () => 10,
          steady: () => performance.now(),
        },
        {
          connected: nothing,
          retrying: nothing,
          drained: nothing,
          malformed: nothing,
          down: nothing,
          message: (_topic, payload) => seen.push(payload.toString()),
        },
      );
      await until('connected', () => broker.got('connect').length === 1);
    });
    afterEach(async () => {
      await link.end();
      await broker.end();
    });

    const send = (payload: string, dup = false): void =>
      broker.last.send({ cmd: 'publish', topic: 'a', payload, qos: 2, dup, retain: false, messageId: 7 });
    const release = (): void => broker.last.send({ cmd: 'pubrel', messageId: 7, reasonCode: 0 });
    const lineCut = async (sessionPresent: boolean): Promise<void> => {
      sessions.push(sessionPresent);
      const count = sessions.length;
      broker.cut();
      await until('back', () => broker.got('connect').length === count);
    };
    const answers = (cmd: 'pubrec' | 'pubcomp', count: number): Promise<void> =>
      until(`${count} ${cmd}`, () => broker.got(cmd).length === count);

    it('are passed on before they are confirmed, so that none is lost where Node-RED ends in between', async () => {
      send('a');
      await answers('pubrec', 1);
      assert.deepEqual(seen, ['a']);
    });

    it('come once, however often they are sent until they are released', async () => {
      send('a');
      await answers('pubrec', 1);
      await lineCut(true);
      send('a', true);
      await answers('pubrec', 2);
      release();
      await answers('pubcomp', 1);
      send('b');
      await answers('pubrec', 3);
      assert.deepEqual(seen, ['a', 'b']);
    });

    it('are others where the server has no session any more, whatever their identifier', async () => {
      send('a');
      await answers('pubrec', 1);
      await lineCut(false);
      send('b');
      await answers('pubrec', 2);
      assert.deepEqual(seen, ['a', 'b']);
    });
  });

async function until(what: string, look: () => boolean): Promise<void> {
  for (const deadline = Date.now() + 10_000; !look(); ) {
    if (Date.now() > deadline) throw new Error(`not within 10 s: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}
