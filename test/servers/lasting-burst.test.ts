/** Bursts on a healthy line: what is under way at once must be no more than the broker bears. */
import assert from 'node:assert/strict';
import { forEachGeneration, type Mosquitto, startMosquitto } from '../support/servers/index';
import { connection, Peer, until } from './lasting-support';

const MESSAGES = 3_000;

forEachGeneration('lasting: bursts', (generation) => {
  let server: Mosquitto;
  before(async () => {
    server = await startMosquitto({ generation, extraConfig: 'max_queued_messages 0' });
  });
  after(() => server?.stop());

  for (const version of [4, 5] as const) {
    for (const levels of [[1], [2], [0, 1, 2]] as const) {
      it(`${MESSAGES} messages at QoS ${levels.join(', ')} on MQTT ${version} go over one connection`, async () => {
        const { client, reasons } = connection(server.port, 'mosquitto', {
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
        const peer = await Peer.connect(server.port, 'up/#', {
          clientId: `peer-${version}-${levels.length}-${levels[0]}`,
        });
        try {
          client.connect();
          await until('connected', () => client.connected);
          let done = 0;
          for (let number = 0; number < MESSAGES; number++) {
            const qos = levels[number % levels.length] ?? 1;
            client.publish({ topic: 'up/t', payload: String(number), qos, retain: false }, (error) => {
              if (!error) done += 1;
            });
          }
          await until('all done', () => done === MESSAGES);
          await until('all arrived', () => peer.came.size === MESSAGES);
          assert.equal(peer.total, MESSAGES);
          assert.deepEqual(reasons, []);
        } finally {
          await client.end(new Error('over'));
          await peer.end();
        }
      });
    }
  }
});
