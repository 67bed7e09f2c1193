/** `dinox-alert`: what depends on others, who gets what nobody acknowledges, and pictures, in a Node-RED. */
import assert from 'node:assert/strict';
import { type AddressInfo, createServer, type Server } from 'node:net';
import type { Aedes } from 'aedes';
import { type Flow, node, sink, tab } from '../support/flows';
import { RunningFlow } from '../support/runtime';
import { alertOf, modules, payload } from './alert-support';

const alert = (id: string, properties: object): Flow[number] =>
  node('dinox-alert', id, { limit: '25', name: id, wires: [['told'], ['samples'], []], ...properties });
const onKey = (of: string, pattern: string) => ({ type: 'key', node: of, pattern });

describe('dinox-alert: what depends on others in Node-RED', function () {
  this.timeout(60_000);
  let flow: RunningFlow | undefined;
  const running = (): RunningFlow => {
    assert.ok(flow);
    return flow;
  };
  const start = async (...nodes: Flow): Promise<void> => {
    flow = await RunningFlow.start(modules(), [tab(), ...nodes, sink('told'), sink('samples')], {});
  };
  const told = async (count: number): Promise<string[]> =>
    (await running().messages('told', count)).map((msg) => `${payload(msg).key} ${payload(msg).reason}`);

  afterEach(async () => {
    await flow?.stop();
    flow = undefined;
  });

  it('over nodes: held back by the number of the other alert, counted there, told when that ends, over a deploy', async () => {
    const nodes = (name: string): Flow => [
      alert('router', {}),
      alert('lamps', { dependsOn: [onKey('router', 'router')], name }),
    ];
    await start(...nodes('lamps'));
    await running().call('router', { topic: 'router', payload: 30 });
    await running().call('lamps', { topic: 'lamp', payload: 30 });
    const [, held] = await running().messages('samples', 2);
    const { quiet, heldBy } = alertOf(held) as { quiet: object; heldBy: Record<string, unknown> };
    assert.deepEqual(quiet, { by: 'dependency', until: null });
    assert.deepEqual([heldBy.number, heldBy.key], [1, 'router']);
    const [, edit] = await running().messages('told', 2);
    assert.deepEqual(payload(edit).dependents, { count: 1, keys: ['lamp'] });
    assert.ok(edit?.replaces);
    assert.match(String(payload(edit).text), /is above 25 … and 1 more because of it$/);
    await running().deploy([tab(), ...nodes('renamed'), sink('told'), sink('samples')], 'nodes');
    await running().call('router', { topic: 'router', payload: 20 });
    assert.deepEqual(await told(4), ['router raised', 'router dependents', 'router cleared', 'lamp raised']);
  });

  it('a circle over three nodes is refused with the path, and an alert beside it works', async () => {
    await start(
      alert('a', { dependsOn: [onKey('b', '#')] }),
      alert('b', { dependsOn: [onKey('c', '#')] }),
      alert('c', { dependsOn: [onKey('a', '#')] }),
      alert('d', { dependsOn: [onKey('a', '#'), onKey('gone', 'x')] }),
    );
    for (const id of ['a', 'b', 'c']) {
      await running().call('d', { topic: 'x', payload: 20 });
      assert.match(String(running().statusesOf(id).at(-1)?.text), /not configured/);
    }
    await running().call('d', { topic: 'x', payload: 30 });
    assert.deepEqual(await told(1), ['x raised']);
  });

  for (const [what, dependsOn] of [
    ['no list', 'router'],
    ['a list of nothing known', [{ type: 'moon' }]],
    ['no pattern', [onKey('', ' ')]],
    ['no connection', [{ type: 'connection' }]],
    ['a topic that is none', [{ type: 'topic', broker: 'x', filter: 'a/#/b' }]],
    ['the same word for both', [{ type: 'topic', broker: 'x', filter: 'a', up: 'y', down: 'y' }]],
    ['far too many', Array(51).fill(onKey('', 'x'))],
  ] as const) {
    it(`${what} is refused`, async () => {
      await start(alert('a', { dependsOn }));
      assert.match(String(running().statusesOf('a').at(-1)?.text), /not configured/);
    });
  }

  it('a topic of availability is an alert of its own, in the words that devices use', async () => {
    const { aedes, server, port } = await listen();
    const { x, y, z, wires, ...broker } = node('dinox-broker', 'broker', {
      host: '127.0.0.1',
      port: String(port),
      usetls: false,
    });
    const say = (text: string, topic = 'zigbee2mqtt/bridge/state'): void =>
      aedes.publish({ cmd: 'publish', topic, payload: text, qos: 1, retain: true, dup: false }, () => {});
    try {
      say('{"state":"offline"}');
      const dependsOn = ['zigbee2mqtt/bridge/state', 'tele/+/LWT'].map((filter) => {
        return { type: 'topic', broker: '', filter, up: '', down: '' };
      });
      await start(
        broker as Flow[number],
        node('dinox-mqtt-in', 'in', { topic: 'x', broker: 'broker', inputs: 0, wires: [[]] }),
        alert('lamps', { dependsOn, broker: 'broker' }),
      );
      const [down] = await running().messages('told', 1);
      assert.equal(payload(down).text, '🟠 #1 zigbee2mqtt/bridge/state is offline');
      await running().call('lamps', { topic: 'lamp', payload: 30 });
      assert.deepEqual(await told(2), [
        'zigbee2mqtt/bridge/state raised',
        'zigbee2mqtt/bridge/state dependents',
      ]);
      say('neither');
      say('online');
      assert.deepEqual((await told(4)).slice(2), ['zigbee2mqtt/bridge/state cleared', 'lamp raised']);
      // One of many that is offline holds back its own, not the freezer.
      say('Offline', 'tele/plug/LWT');
      assert.deepEqual((await told(5)).slice(4), ['tele/plug/LWT raised']);
      await running().call('lamps', { topic: 'tele/plug/SENSOR', payload: 30 });
      await running().call('lamps', { topic: 'freezer', payload: 30 });
      assert.deepEqual((await told(7)).slice(5).sort(), ['freezer raised', 'tele/plug/LWT dependents']);
      say('Online', 'tele/plug/LWT');
      assert.deepEqual((await told(9)).slice(7), ['tele/plug/LWT cleared', 'tele/plug/SENSOR raised']);
    } finally {
      await flow?.stop();
      flow = undefined;
      await new Promise<void>((resolve) => aedes.close(resolve));
      server.close();
    }
  });

  it('what nobody acknowledges in time goes to others as well, with all that follows', async () => {
    await start(alert('a', { escalateAfter: '200ms', escalateTo: 'bob@example.org, carl@example.org' }));
    await running().call('a', { topic: 'x', payload: 30 });
    const three = await running().messages('told', 3);
    assert.deepEqual(
      three.map((msg) => [payload(msg).reason, msg.to, msg.escalation]),
      [
        ['raised', undefined, undefined],
        ['escalated', undefined, undefined],
        ['escalated', ['bob@example.org', 'carl@example.org'], 1],
      ],
    );
    assert.equal(new Set(three.map(({ alertId }) => alertId)).size, 1, 'one alert');
    await running().call('a', { alert: { cmd: 'ack', by: 'bob', for: '1h' } });
    const all = await running().messages('told', 5);
    assert.deepEqual(
      all.slice(3).map((msg) => [payload(msg).reason, msg.escalation, msg.replaces]),
      [
        ['acknowledged', undefined, { alertId: three[0]?.alertId }],
        ['acknowledged', 1, { alertId: three[0]?.alertId }],
      ],
    );
  });

  it('what is critical from the beginning goes to others as well, once', async () => {
    await start(alert('a', { escalateAfter: '200ms', escalateTo: 'bob@example.org', critical: '26' }));
    await running().call('a', { topic: 'x', payload: 30 });
    await running().messages('told', 3);
    await running().call('a', { topic: 'y', payload: 30 });
    const all = await running().messages('told', 6);
    assert.deepEqual(
      all.map((msg) => [payload(msg).key, payload(msg).reason, msg.escalation]),
      ['x', 'y'].flatMap((key) => [
        [key, 'raised', undefined],
        [key, 'escalated', undefined],
        [key, 'escalated', 1],
      ]),
    );
  });

  it('addresses that are none are refused', async () => {
    await start(alert('a', { escalateTo: 'bob@@example.org' }));
    assert.match(String(running().statusesOf('a').at(-1)?.text), /not configured/);
  });

  it('the picture of the sample goes with the alert that it raises, and with no other message', async () => {
    await start(alert('a', {}));
    const attachment = Buffer.from('picture');
    await running().call('a', { topic: 'x', payload: 30, attachment });
    await running().call('a', { topic: 'y', payload: 30 });
    await running().call('a', { topic: 'x', payload: 20, attachment });
    const all = await running().messages('told', 3);
    assert.deepEqual(
      all.map((msg) => msg.attachment),
      [attachment, undefined, undefined],
    );
  });
});

async function listen(): Promise<{ aedes: Aedes; server: Server; port: number }> {
  const { Aedes } = await import('aedes');
  const aedes = await Aedes.createBroker();
  const server = createServer(aedes.handle);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { aedes, server, port: (server.address() as AddressInfo).port };
}
