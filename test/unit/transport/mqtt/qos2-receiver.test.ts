import assert from 'node:assert/strict';
import { lookup } from 'node:dns';
import * as mqtt from 'mqtt';
import type { LinkHandover } from '../../../../src/transport/link';
import { MqttLink } from '../../../../src/transport/mqtt/link';
import { ScriptBroker } from '../script-broker';

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
      link = open();
      await until('connected', () => broker.got('connect').length === 1);
    });
    const open = (legacy?: LinkHandover): MqttLink => {
      const nothing = (): void => {};
      const opened = new MqttLink(
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
          unreleased: legacy?.unreleased,
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
      if (legacy) opened.inbound.inherit(legacy.inbound);
      return opened;
    };
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

    describe('come once where a deploy makes another link to the session in the middle of it', () => {
      /** Ends the link, and another one takes over; `meanwhile` is what the server sends as it reads DISCONNECT. */
      const handOver = async (meanwhile?: () => void): Promise<void> => {
        const { answer } = broker;
        if (meanwhile) {
          broker.answer = (packet, line) => {
            if (packet.cmd === 'disconnect') meanwhile();
            return answer(packet, line);
          };
        }
        await link.end();
        broker.answer = answer;
        sessions.push(true);
        const count = sessions.length;
        link = open(link.release());
        await until('the successor', () => broker.got('connect').length === count);
      };
      /** The server ends what is under way, and then has another message with the same identifier. */
      const another = async (): Promise<void> => {
        const completed = broker.got('pubcomp').length;
        release();
        await answers('pubcomp', completed + 1);
        const received = broker.got('pubrec').length;
        send('b');
        await answers('pubrec', received + 1);
        assert.deepEqual(seen, ['a', 'b']);
      };

      it('PUBLISH came, and the server has not seen PUBREC', async () => {
        send('a');
        await answers('pubrec', 1);
        await handOver();
        send('a', true);
        await answers('pubrec', 2);
        await another();
      });

      it('PUBLISH comes when DISCONNECT is out', async () => {
        await handOver(() => send('a'));
        send('a', true);
        await answers('pubrec', 1);
        await another();
      });

      it('PUBREC is with the server, PUBREL has not come', async () => {
        send('a');
        await answers('pubrec', 1);
        await handOver();
        await another();
      });

      // Mosquitto 2.0 sends PUBLISH again instead of PUBREL where two connections in a row ended before it got PUBCOMP.
      it('PUBREL comes when DISCONNECT is out, so that no PUBCOMP can be sent', async () => {
        send('a');
        await answers('pubrec', 1);
        await handOver(release);
        await handOver();
        send('a', true);
        await answers('pubrec', 2);
        await another();
      });

      it('the successor is exchanged before the server has said yes to it', async () => {
        send('a');
        await answers('pubrec', 1);
        const { answer } = broker;
        broker.answer = ({ cmd }) => cmd === 'connect';
        await link.end();
        sessions.push(true);
        link = open(link.release());
        await until('CONNECT', () => broker.got('connect').length === 2);
        broker.answer = answer;
        await handOver();
        send('a', true);
        await answers('pubrec', 2);
        await another();
      });

      it('PUBCOMP is sent: the next one with this identifier is another message', async () => {
        send('a');
        await answers('pubrec', 1);
        release();
        await answers('pubcomp', 1);
        await handOver();
        send('b', true);
        await answers('pubrec', 2);
        assert.deepEqual(seen, ['a', 'b']);
      });
    });
  });

async function until(what: string, look: () => boolean): Promise<void> {
  for (const deadline = Date.now() + 10_000; !look(); ) {
    if (Date.now() > deadline) throw new Error(`not within 10 s: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}
