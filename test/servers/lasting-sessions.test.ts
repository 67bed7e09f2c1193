/** Lines that are cut while messages are under way, at every QoS, with a session that lasts and without one. */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Proxy as Line, type Mosquitto, startMosquitto, startProxy } from '../support/servers/index';
import { connection, figure, LONG, Peer, until } from './lasting-support';

const MESSAGES = LONG ? 100_000 : 3_000;

describe(`lasting: ${MESSAGES} messages over a line that is cut at random`, () => {
  let server: Mosquitto;
  let line: Line;
  before(async () => {
    server = await startMosquitto({ extraConfig: 'max_queued_messages 0' });
  });
  beforeEach(async () => {
    line = await startProxy({ target: { port: server.port } });
  });
  afterEach(() => line?.stop());
  after(() => server?.stop());

  for (const version of [4, 5] as const) {
    for (const lasting of [false, true]) {
      it(`MQTT ${version}, ${lasting ? 'a session that lasts' : 'a new session each time'}: each is done once and arrives`, async function () {
        this.timeout(LONG ? 600_000 : 60_000);
        const { client } = connection(line.port, 'mosquitto', {
          cleanSession: !lasting,
          sessionExpiry: lasting ? 3_600 : undefined,
          clientId: `cut-${version}-${lasting}`,
          question: {
            serverType: 'mosquitto',
            host: '127.0.0.1',
            usetls: false,
            useXmppCredentials: false,
            transport: 'mqtt',
            protocolVersion: version,
            allowUnencrypted: true,
          },
        });
        const peer = await Peer.connect(server.port, 'up/#', { clientId: `peer-${version}-${lasting}` }, 2);
        const results: (Error | undefined)[][] = [];
        let cuts = 0;
        let cutting = true;
        const cutter = (async () => {
          while (cutting) {
            await sleep(20 + Math.random() * 150);
            if (!client.connected) continue;
            line.cut();
            cuts += 1;
          }
        })();
        try {
          client.connect();
          for (let number = 0; number < MESSAGES; number++) {
            const mine: (Error | undefined)[] = [];
            results.push(mine);
            client.publish(
              {
                topic: `up/${number % 3}`,
                payload: String(number),
                qos: (number % 3) as 0 | 1 | 2,
                retain: false,
              },
              (error) => mine.push(error),
            );
            // A flow hands over in bursts; not more than the queue holds.
            if (number % 20 === 0) await sleep(5);
            while (client.queued > 5_000) await sleep(20);
          }
          cutting = false;
          await cutter;
          await until('all is done', () => results.every(({ length }) => length > 0), 60_000, 100);
          await sleep(1_000);
        } finally {
          cutting = false;
          await cutter;
          await client.end(new Error('over'));
          await peer.end();
        }
        const wrong = results.filter((calls) => calls.length !== 1 || calls[0] !== undefined);
        assert.deepEqual(wrong, [], 'done once, without an error');
        assert.ok(cuts > 3, `${cuts} cuts`);
        const of = (qos: number, test: (count: number) => boolean): number =>
          results.filter((_, number) => number % 3 === qos && test(peer.came.get(number) ?? 0)).length;
        const lost = [0, 1, 2].map((qos) => of(qos, (count) => count === 0));
        const twice = [0, 1, 2].map((qos) => of(qos, (count) => count > 1));
        figure(`MQTT ${version}, ${lasting ? 'session lasts' : 'new sessions'}, ${cuts} cuts`, {
          lost,
          twice,
        });
        assert.deepEqual(lost.slice(1), [0, 0], 'lost at QoS 1 and 2');
        // Without a session the server forgets which ones it had, and nothing can keep them from coming twice.
        if (lasting) assert.equal(twice[2], 0, 'QoS 2 is exactly once');
        // What was written to a socket that dies is gone, as QoS 0 says.
        assert.ok((lost[0] ?? 0) < cuts * 30, `${lost[0]} at QoS 0`);
      });
    }
  }
});
