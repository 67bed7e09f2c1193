/**
 * Faults of core's MQTT nodes that ours must not have (the list is in DESIGN.md): what is subscribed and delivered. Each test also
 * tells when a new Node-RED has mended one.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { BROKER, broker, catchAll, mqttIn, mqttOut, sink, tab } from '../support/flows';
import { type Ejabberd, startEjabberd } from '../support/servers';
import { wire } from './connection-flow';
import type { Context } from './context';
import { FakeBroker } from './fake-broker';
import { allGreen, fault, receivers } from './fault';

describe('core’s faults on ejabberd', () => {
  let ejabberd: Ejabberd;
  before(async function () {
    this.timeout(120_000);
    ejabberd = await startEjabberd({ users: { anna: 'geheim' } });
  });
  after(() => ejabberd.stop());

  fault('one copy per matching filter is delivered N×N', {
    versions: [4],
    core: [3, 3, 3],
    ours: [1, 1, 1],
    async observe(context, version) {
      const { prefix } = context;
      const nodes = receivers([`${prefix}/x`, `${prefix}/+`, `${prefix}/#`]);
      const credentials = { [BROKER]: { user: 'anna@localhost', password: 'geheim' } };
      const flow = await context.load(
        [tab(), broker(ejabberd.mqttPort, version), ...nodes, mqttOut('out')],
        credentials,
      );
      await allGreen(flow, 3);

      await flow.call('out', { topic: `${prefix}/x`, payload: 'x', qos: 1 });
      await flow.call('out', { topic: `${prefix}/x`, payload: 'end', qos: 1 });
      const count = (index: number) => flow.at(`out${index}`).filter((msg) => msg.payload === 'x').length;
      for (const index of [0, 1, 2]) {
        await flow.until('the end', () => flow.at(`out${index}`).at(-1)?.payload === 'end');
      }
      return [0, 1, 2].map(count);
    },
  });
});

fault('a packet with several subscription ids is delivered to nobody', {
  versions: [5],
  core: [[], []],
  ours: [['both'], ['both']],
  async observe(context, version) {
    const fake = await FakeBroker.start(version);
    context.after(() => fake.end());
    const flow = await context.load([tab(), broker(fake.port, version), ...receivers(['a/x', 'a/+', 'end'])]);
    await allGreen(flow, 3);
    await fake.until('three filters', () => fake.filters().length === 3);
    const idOf = (topic: string) => fake.filters().find((filter) => filter.topic === topic)?.id;
    const ids = ['a/x', 'a/+'].map(idOf).filter((id) => id !== undefined);

    const properties = ids.length === 0 ? {} : { properties: { subscriptionIdentifier: ids } };
    fake.send({
      cmd: 'publish',
      topic: 'a/x',
      payload: 'both',
      qos: 0,
      retain: false,
      dup: false,
      ...properties,
    });
    fake.send({ cmd: 'publish', topic: 'end', payload: 'end', qos: 0, retain: false, dup: false });
    await flow.messages('out2', 1);
    return ['out0', 'out1'].map((id) => flow.at(id).map((msg) => msg.payload));
  },
});

for (const [title, filter, topic] of [
  ['$share/g/# is not matched', (p: string) => `$share/g${p.length}/#`, 'x'],
  ['an empty level is not matched by +', (p: string) => `${p}/+/x`, '/x'],
  ['braces in a topic are taken for a regular expression', (p: string) => `${p}/a{2}`, 'a{2}'],
] as const) {
  fault(title, {
    versions: [4, 5],
    core: [],
    ours: ['x'],
    async observe(context, version) {
      const { port, prefix } = context;
      const nodes = receivers([filter(prefix), `${prefix}/end`]);
      const flow = await context.load([tab(), broker(port, version), ...nodes, mqttOut('out')]);
      await allGreen(flow, 2);

      await flow.call('out', { topic: `${prefix}/${topic}`, payload: 'x', qos: 1 });
      await flow.call('out', { topic: `${prefix}/end`, payload: 'end', qos: 1 });
      await flow.messages('out1', 1);
      // The filter of the first takes what other tests left as well.
      return flow
        .at('out0')
        .filter((msg) => msg.topic === `${prefix}/${topic}`)
        .map((msg) => msg.payload);
    },
  });
}

fault('# and + receive $SYS as soon as another node subscribes to it', {
  versions: [4],
  core: [1, 1],
  ours: [0, 0],
  async observe(context, version) {
    const { port, prefix } = context;
    const nodes = receivers(['#', '+/broker/version', '$SYS/broker/version']);
    const flow = await context.load([tab(), broker(port, version), ...nodes, mqttOut('out')]);
    await allGreen(flow, 3);

    await flow.messages('out2', 1);
    await flow.call('out', { topic: `${prefix}/end`, payload: 'end', qos: 1 });
    await flow.until('the end', () => flow.at('out0').some((msg) => msg.payload === 'end'));
    return [0, 1].map(
      (index) => flow.at(`out${index}`).filter((msg) => String(msg.topic).startsWith('$SYS')).length,
    );
  },
});

fault('a node that joins a subscribed topic gets no retained message', {
  versions: [4, 5],
  core: [['kept'], []],
  ours: [['kept'], ['kept']],
  async observe(context, version) {
    const { port, prefix } = context;
    const observer = await context.observer();
    await observer.publish(`${prefix}/x`, 'kept', { retain: true });
    const base = [tab(), broker(port, version), mqttOut('out')];
    const flow = await context.load([...base, ...receivers([`${prefix}/x`])]);
    await flow.messages('out0', 1);

    await flow.deploy(context.types([...base, ...receivers([`${prefix}/x`, `${prefix}/x`])]));
    await flow.shows('in1', 'green');
    await sleep(200); // Nothing says that no retained message will come.
    return ['out0', 'out1'].map((id) => flow.at(id).map((msg) => msg.payload));
  },
});

/** Five nodes: SUBSCRIBE packets on connecting, and in all after the line was cut once. */
for (const [version, core] of [
  [4, [5, 6]], // MQTT.js itself joins them on a reconnect, but not on v5.
  [5, [5, 10]],
] as const) {
  fault<readonly number[]>('every node sends a SUBSCRIBE packet of its own', {
    versions: [version],
    core,
    ours: [1, 2],
    observe: countSubscribePackets,
  });
}

async function countSubscribePackets(context: Context, version: 4 | 5): Promise<number[]> {
  const { prefix } = context;
  const line = await wire(context);
  const filters = ['a', 'b', 'c', 'd', 'e'].map((name) => `${prefix}/${name}`);
  const flow = await context.load([tab(), broker(line.port, version), ...receivers(filters)]);
  const subscribed = () => line.sent('subscribe').flatMap((packet) => packet.subscriptions).length;
  await line.until('five filters', () => subscribed() >= 5);
  await allGreen(flow, 5);
  const first = line.sent('subscribe').length;

  line.cut();
  await line.until('five filters again', () => subscribed() >= 10, 8_000);
  return [first, line.sent('subscribe').length];
}

fault('two nodes share one Buffer', {
  versions: [4, 5],
  core: ['\u0000', '\u0000'],
  ours: ['\u0000', 'x'],
  async observe(context, version) {
    const { port, prefix } = context;
    const nodes = receivers([`${prefix}/x`, `${prefix}/x`], { datatype: 'buffer' });
    const flow = await context.load([tab(), broker(port, version), ...nodes, mqttOut('out')]);
    await allGreen(flow, 2);

    flow.send('out', { topic: `${prefix}/x`, payload: 'x' });
    const [first] = await flow.messages('out0', 1);
    const [second] = await flow.messages('out1', 1);
    if (Buffer.isBuffer(first?.payload)) first.payload.fill(0);
    return [String(first?.payload), String(second?.payload)];
  },
});

fault('somebody else’s msg.action swallows the message', {
  versions: [4, 5],
  core: { errors: 1, arrived: ['after'] },
  ours: { errors: 0, arrived: ['pressed', 'after'] },
  async observe(context, version) {
    const { port, prefix } = context;
    const observer = await context.observer();
    const flow = await context.load([
      tab(),
      broker(port, version),
      mqttOut('out'),
      catchAll('errors'),
      sink('errors'),
    ]);
    await flow.shows('out', 'green');

    await flow.call('out', { topic: `${prefix}/x`, payload: 'pressed', action: 'single_press' });
    await flow.call('out', { topic: `${prefix}/x`, payload: 'after' });
    await observer.until('the last', () => String(observer.seen.at(-1)?.payload) === 'after');
    return {
      errors: flow.completions.filter((completion) => completion.error).length,
      arrived: observer.seen.map((packet) => String(packet.payload)),
    };
  },
});

fault('what comes while a deploy renews a node is lost', {
  versions: [4, 5],
  core: 'lost',
  ours: 'none lost',
  async observe(context, version) {
    const { prefix } = context;
    const flowOf = (name: string) => [
      tab(),
      broker(context.port, version),
      mqttIn('in', `${prefix}/x`, 'out', { rh: 2, name }),
      sink('out'),
      mqttOut('own'),
    ];
    const flow = await context.load(flowOf(''));
    const observer = await context.observer();
    await context.subscribed(flow);
    let sent = 0;
    let deploys = 0;
    const load = async (): Promise<void> => {
      while (deploys < 4) await observer.publish(`${prefix}/x`, String(sent++), { qos: 1 });
    };
    const loaded = load();
    for (; deploys < 4; deploys++) await flow.deploy(context.types(flowOf(`${deploys}`)));
    await loaded;
    // Until the new node is subscribed, which core tells nobody.
    const ends = () => flow.at('out').filter(({ payload }) => payload === 'end');
    while (ends().length === 0) {
      await observer.publish(`${prefix}/x`, 'end', { qos: 1 });
      await sleep(20);
    }
    return flow.at('out').length - ends().length < sent ? 'lost' : 'none lost';
  },
});
