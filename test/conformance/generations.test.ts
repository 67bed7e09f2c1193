/** In short, the same on Debian 13's Mosquitto: what depends most on the broker. */
import assert from 'node:assert/strict';
import { catchAll, mqttIn, mqttOut, sink } from '../support/flows';
import { ensureServers } from '../support/servers';
import { bothWays } from './connection-flow';
import { CORE, OURS, sharedMosquitto, suite } from './context';

describe('conformance on Debian 13', () => {
  before(async function () {
    this.timeout(600_000);
    const { debian13 } = await ensureServers();
    if (debian13.available) return;
    process.stdout.write(`SKIPPED SUITE: conformance on Debian 13: ${debian13.missing.join('; ')}\n`);
    this.skip();
  });

  it('its Mosquitto is 2.0.21 or newer', async () => {
    assert.match((await sharedMosquitto('debian13')).version, /^2\.(0\.2[1-9]|[1-9])/);
  });

  for (const implementation of [CORE, OURS]) {
    for (const version of [4, 5] as const) {
      suite(
        'the essentials',
        implementation,
        version,
        (context) => {
          it('every property and every datatype arrives', async () => {
            const { port, prefix } = context();
            const [tab, broker] = bothWays(port, version, '') as [
              ReturnType<typeof sink>,
              ReturnType<typeof sink>,
            ];
            const inputs = ['auto-detect', 'utf8', 'buffer'].map((datatype) =>
              mqttIn(datatype, `${prefix}/x`, 'received', { datatype }),
            );
            const flow = await context().load([
              tab,
              broker,
              ...inputs,
              mqttOut('out'),
              sink('received'),
              catchAll('errors'),
              sink('errors'),
            ]);
            for (const { id } of inputs) await flow.shows(id, 'green');

            const properties = {
              contentType: 'application/json',
              responseTopic: 'r',
              correlationData: Buffer.from('c'),
              userProperties: { a: 'b' },
            };
            await flow.call('out', { topic: `${prefix}/x`, payload: { a: 1 }, qos: 2, ...properties });
            const received = await flow.messages('received', 3);

            const payloads = received
              .map((msg) => msg.payload)
              .sort((a, b) => String(a).localeCompare(String(b)));
            assert.deepEqual(
              payloads,
              [{ a: 1 }, '{"a":1}', Buffer.from('{"a":1}')].sort((a, b) =>
                String(a).localeCompare(String(b)),
              ),
            );
            for (const msg of received) {
              assert.equal(msg.qos, 2);
              if (version === 5)
                for (const [name, value] of Object.entries(properties)) assert.deepEqual(msg[name], value);
            }
          });

          it('retained messages, dynamic subscriptions, disconnect and connect', async () => {
            const { port, prefix } = context();
            const flow = await context().load(bothWays(port, version, `${prefix}/a`));
            await flow.shows('out', 'green');
            await flow.call('out', { topic: `${prefix}/b`, payload: 'kept', retain: true, qos: 1 });

            flow.send('control', { action: 'subscribe', topic: `${prefix}/b` });
            const [kept] = await flow.messages('received', 1);
            await flow.call('out', { action: 'disconnect' });
            await flow.call('out', { action: 'connect' });
            await flow.call('out', { topic: `${prefix}/a`, payload: 'again', qos: 1 });
            await flow.until('the last', () => flow.at('received').at(-1)?.payload === 'again');

            assert.deepEqual([kept?.payload, kept?.retain], ['kept', true]);
          });

          it('a session that is kept delivers what came meanwhile', async () => {
            const { port, prefix } = context();
            const session = {
              clientid: prefix,
              cleansession: false,
              sessionExpiry: '60',
              autoUnsubscribe: false,
            };
            const nodes = bothWays(port, version, `${prefix}/a`, session);
            const observer = await context().observer();
            const first = await context().load(nodes);
            await first.shows('in', 'green');
            await first.call('out', { topic: `${prefix}/a`, payload: 'x' });
            await first.messages('received', 1);
            await first.stop();
            await observer.publish(`${prefix}/a`, 'missed', { qos: 1 });

            const second = await context().load(nodes);

            assert.deepEqual(
              (await second.messages('received', 1)).map((msg) => msg.payload),
              ['missed'],
            );
          });
        },
        'debian13',
      );
    }
  }
});
