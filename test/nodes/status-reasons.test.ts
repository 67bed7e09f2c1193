/** Why a connection was lost reaches a flow through a `status` node, in words, once for each change. */
import assert from 'node:assert/strict';
import { Context, OURS } from '../conformance/context';
import { broker, mqttIn, mqttOut, node, sink, tab } from '../support/flows';
import { type Behaviour, HostileBroker, raw } from '../support/hostile-broker';

const LOSSES: [name: string, version: 4 | 5, words: string, act: (broker: HostileBroker) => void][] = [
  ['another client with this id', 5, 'another client has the same client ID', leave(142)],
  ['packet too large', 5, 'packet too large for the server', leave(149)],
  ['server closed, with a code', 5, 'closed by the server: shutting down', leave(139)],
  ['server closed, and gives no reason', 5, 'closed by the server', leave(0)],
  ['server closed, without a word', 4, 'closed by the server', ({ line }) => line.socket.end()],
  ['network', 4, 'cannot reach the server', ({ line }) => line.socket.resetAndDestroy()],
  ['silence', 4, 'connection went silent', (broker) => mute(broker)],
];

function leave(code: number): (broker: HostileBroker) => void {
  return ({ line }) => line.send(raw(0xe0, [code, 0]));
}

function mute(broker: HostileBroker): void {
  const polite: Behaviour = broker.behave;
  broker.behave = (packet, line) => {
    if (line.index > 0) polite(packet, line);
  };
}

describe('a status node is told why the connection was lost', () => {
  for (const [name, version, words, act] of LOSSES)
    it(`${name} [MQTT ${version}]`, async () => {
      const hostile = await HostileBroker.start();
      const context = new Context(OURS, version, hostile.port);
      context.after(() => hostile.stop());
      try {
        const flow = await context.load([
          tab(),
          broker(hostile.port, version, { keepalive: '2' }),
          mqttIn('in', 'x', 'out'),
          mqttOut('own'),
          sink('out'),
          node('status', 'status', { scope: ['in'], wires: [['statuses']] }),
          sink('statuses'),
        ]);
        await flow.shows('in', 'green');
        const texts = (): string[] =>
          flow.at('statuses').map(({ status }) => String((status as { text?: string }).text));

        act(hostile);
        await flow.until('back', () => /connected/.test(texts().slice(2).at(-1) ?? ''), 10_000);

        assert.deepEqual(texts(), [
          'node-red:common.status.connecting',
          'node-red:common.status.connected',
          `${words}, trying again`,
          'node-red:common.status.connected',
        ]);
      } finally {
        await context.end();
      }
    }).timeout(15_000);
});
