/** `dinox-alert` and the connection that its values come over: while it is away, nobody is missed. */
import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:net';
import type { Aedes } from 'aedes';
import { mqttIn, node, sink } from '../support/flows';
import { RunningFlow } from '../support/runtime';
import { freePort } from '../support/servers/ports';
import { alertFlow, modules, payload } from './alert-support';

const WAIT = 30_000;

describe('dinox-alert while the connection is away', function () {
  this.timeout(90_000);

  it('says so once, misses nobody meanwhile, and everybody afterwards', async () => {
    const port = await freePort();
    const broker = node('dinox-broker', 'broker', { host: '127.0.0.1', port: String(port), usetls: false });
    const { x, y, z, wires, ...config } = broker;
    const receiver = { ...mqttIn('in', 'home/#', 'received'), type: 'dinox-mqtt-in' };
    const flow = await RunningFlow.start(modules(), [
      ...alertFlow({ noDataAfter: '500ms', broker: 'broker' }),
      config as typeof broker,
      receiver,
      sink('received'),
    ]);
    let close = async (): Promise<void> => undefined;
    try {
      for (const topic of ['a', 'b', 'c']) await flow.call('alert', { topic, payload: 20 });
      flow.send('alert', { alert: { cmd: 'status' } });
      const commands = (flow.node('alert') as unknown as { dinoxAlert: { keys(): Iterable<string> } })
        .dinoxAlert;
      assert.deepEqual([...commands.keys()], ['a', 'b', 'c']);
      assert.match(String(flow.statusesOf('alert').at(-1)?.text), /connection down|OK/);
      await flow.deploy(flowOf(config as typeof broker, receiver), 'full');
      const [away] = await flow.messages('told', 1, WAIT);
      assert.deepEqual([payload(away).reason, payload(away).state], ['connection', 'nodata']);
      close = await listen(port);
      const [, back] = await flow.messages('told', 2, WAIT);
      assert.deepEqual([payload(back).reason, payload(back).state], ['connection', 'normal']);
      assert.deepEqual(back?.replaces, { alertId: away?.alertId });
      const all = await flow.messages('told', 5, WAIT);
      assert.deepEqual(
        all
          .slice(2)
          .map((msg) => `${payload(msg).key} ${payload(msg).state}`)
          .sort(),
        ['a nodata', 'b nodata', 'c nodata'],
      );
    } finally {
      await flow.stop();
      await close();
    }
  });
});

/** The same, changed: the node starts anew with the keys that it knew, and its connection is still away. */
function flowOf(...more: ReturnType<typeof node>[]): ReturnType<typeof node>[] {
  return [...alertFlow({ noDataAfter: '500ms', broker: 'broker', name: 'x' }), ...more, sink('received')];
}

async function listen(port: number): Promise<() => Promise<void>> {
  const { Aedes: Broker } = await import('aedes');
  const aedes: Aedes = await Broker.createBroker();
  const server: Server = createServer(aedes.handle);
  await new Promise<void>((done) => server.listen(port, '127.0.0.1', done));
  return async () => {
    await new Promise<void>((done) => aedes.close(done));
    await new Promise<void>((done) => server.close(() => done()));
  };
}
