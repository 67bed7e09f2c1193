/** `dinox-alert`: what depends on others, who gets what nobody acknowledges, and pictures, in a Node-RED. */
import assert from 'node:assert/strict';
import { connectAsync, type MqttClient } from 'mqtt';
import { type Flow, node, sink, tab } from '../support/flows';
import { RunningFlow } from '../support/runtime';
import { type Mosquitto, startMosquitto } from '../support/servers/mosquitto';
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
    const paths = running()
      .complaints()
      .flatMap(({ text }) => /depend on each other: (.*?)\. /.exec(text)?.[1] ?? []);
    assert.deepEqual(paths.sort(), ['a → b → c → a', 'b → c → a → b', 'c → a → b → c']);
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

  describe('with a Mosquitto', () => {
    let mosquitto: Mosquitto;
    let devices: MqttClient;
    const say = (text: string, topic = 'zigbee2mqtt/bridge/state'): Promise<unknown> =>
      devices.publishAsync(topic, text, { qos: 1, retain: true });
    const broker = (): Flow[number] => {
      const { x, y, z, wires, ...config } = node('dinox-broker', 'broker', {
        ...{ name: 'house', host: '127.0.0.1', port: String(mosquitto.port), usetls: false },
      });
      return config as Flow[number];
    };
    const receiver = () =>
      node('dinox-mqtt-in', 'in', { topic: 'x', broker: 'broker', inputs: 0, wires: [[]] });

    before(async () => {
      mosquitto = await startMosquitto();
      devices = await connectAsync(`mqtt://127.0.0.1:${mosquitto.port}`, { reconnectPeriod: 200 });
    });

    after(async () => {
      await devices.endAsync(true);
      await mosquitto.stop();
    });

    it('a topic of availability is an alert of its own, in the words that devices use', async () => {
      await say('{"state":"offline"}');
      const dependsOn = ['zigbee2mqtt/bridge/state', 'tele/+/LWT'].map((filter) => {
        return { type: 'topic', broker: '', filter, up: '', down: '' };
      });
      await start(broker(), receiver(), alert('lamps', { dependsOn, broker: 'broker' }));
      const [down] = await running().messages('told', 1);
      assert.equal(payload(down).text, '🟠 #1 zigbee2mqtt/bridge/state is offline');
      await running().call('lamps', { topic: 'lamp', payload: 30 });
      assert.deepEqual(await told(2), [
        'zigbee2mqtt/bridge/state raised',
        'zigbee2mqtt/bridge/state dependents',
      ]);
      await say('neither');
      await say('online');
      assert.deepEqual((await told(4)).slice(2), ['zigbee2mqtt/bridge/state cleared', 'lamp raised']);
      // One of many that is offline holds back its own, not the freezer.
      await say('Offline', 'tele/plug/LWT');
      assert.deepEqual((await told(5)).slice(4), ['tele/plug/LWT raised']);
      await running().call('lamps', { topic: 'tele/plug/SENSOR', payload: 30 });
      await running().call('lamps', { topic: 'freezer', payload: 30 });
      assert.deepEqual((await told(7)).slice(5).sort(), ['freezer raised', 'tele/plug/LWT dependents']);
      await say('Online', 'tele/plug/LWT');
      assert.deepEqual((await told(9)).slice(7), ['tele/plug/LWT cleared', 'tele/plug/SENSOR raised']);
    });

    it('a connection is an alert of its own while it is down, over a deploy', async () => {
      const nodes = (name: string): Flow => [
        broker(),
        receiver(),
        alert('lamps', { dependsOn: [{ type: 'connection', broker: '' }], broker: 'broker', name }),
      ];
      await start(...nodes('lamps'));
      await running().shows('in', 'green', 10_000);
      await running().call('lamps', { topic: 'before', payload: 30 });
      assert.deepEqual(await told(1), ['before raised']);
      await mosquitto.stop();
      const [, down] = await running().messages('told', 2);
      assert.equal(payload(down).text, '🟠 #2 The connection house is down');
      await running().call('lamps', { topic: 'lamp', payload: 30 });
      assert.deepEqual((await told(3)).slice(2), ['connection house dependents']);
      // A deploy tells nothing again, and nothing of what is held back.
      await running().deploy([tab(), ...nodes('renamed'), sink('told'), sink('samples')], 'nodes');
      await running().call('lamps', { topic: 'lamp', payload: 31 });
      await mosquitto.restart();
      assert.deepEqual((await told(5)).slice(3), ['connection house cleared', 'lamp raised']);
    });
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
