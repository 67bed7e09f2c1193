/**
 * Faults of core's MQTT nodes that ours must not have (the list is in DESIGN.md). Each test runs one flow on both and
 * says what core does with it and what ours does, so that it also tells when a new Node-RED has mended one.
 */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { BROKER, broker, catchAll, type Flow, mqttIn, mqttOut, sink, tab } from '../support/flows';
import type { RunningFlow } from '../support/runtime';
import { certificates, type Ejabberd, type Mosquitto, startEjabberd, startMosquitto } from '../support/servers';
import { bothWays, wire } from './connection-flow';
import { type Context, CORE, OURS, suite } from './context';
import { FakeBroker } from './fake-broker';

interface Fault<T> {
  versions: readonly (4 | 5)[];
  core: T;
  ours: T;
  /** Runs the flow and resolves with what came of it. */
  observe(context: Context, version: 4 | 5): Promise<T>;
}

function fault<T>(title: string, { versions, core, ours, observe }: Fault<T>): void {
  for (const version of versions) {
    for (const [implementation, wanted] of [
      [CORE, core],
      [OURS, ours],
    ] as const) {
      suite(`core’s fault: ${title}`, implementation, version, (context) => {
        it(implementation === CORE ? 'is there' : 'is not there', async () => {
          assert.deepEqual(await observe(context(), version), wanted);
        }).timeout(20_000);
      });
    }
  }
}

/** Nodes `in0`, `in1`, … with a filter each; what they receive ends in `out0`, `out1`, … */
function receivers(filters: string[], properties: object = {}): Flow {
  return filters.flatMap((filter, index) => [mqttIn(`in${index}`, filter, `out${index}`, properties), sink(`out${index}`)]);
}

async function allGreen(flow: RunningFlow, count: number): Promise<void> {
  for (let index = 0; index < count; index++) await flow.shows(`in${index}`, 'green');
}

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
      const flow = await context.load([tab(), broker(ejabberd.mqttPort, version), ...nodes, mqttOut('out')], credentials);
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
    fake.send({ cmd: 'publish', topic: 'a/x', payload: 'both', qos: 0, retain: false, dup: false, ...properties });
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
      return flow.at('out0').map((msg) => msg.payload).filter((payload) => payload === 'x');
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
    return [0, 1].map((index) => flow.at(`out${index}`).filter((msg) => String(msg.topic).startsWith('$SYS')).length);
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

fault('a message sent while the connection is away is dropped, without done', {
  versions: [4, 5],
  core: { done: 0, arrived: ['later'] },
  ours: { done: 1, arrived: ['offline', 'later'] },
  async observe(context, version) {
    const { prefix } = context;
    const observer = await context.observer();
    const line = await wire(context);
    line.refuse(true);
    const flow = await context.load(bothWays(line.port, version, `${prefix}/in`));
    await line.until('an attempt', () => line.connections > 0);

    const offline = { topic: `${prefix}/x`, payload: 'offline', qos: 1 };
    flow.send('out', offline);
    line.refuse(false);
    await flow.shows('out', 'green', 8_000);
    await flow.call('out', { topic: `${prefix}/x`, payload: 'later', qos: 1 });
    await observer.until('the last', () => String(observer.seen.at(-1)?.payload) === 'later');
    return {
      done: flow.completionsOf(offline).length,
      arrived: observer.seen.map((packet) => String(packet.payload)),
    };
  },
});

describe('core’s faults with a login', () => {
  let mosquitto: Mosquitto;
  before(async () => {
    mosquitto = await startMosquitto({ users: { anna: 'geheim' } });
  });
  after(() => mosquitto.stop());

  fault('a wrong password shows yellow and is tried for ever', {
    versions: [4, 5],
    core: { fill: 'yellow', attempts: 'many', errors: 0 },
    ours: { fill: 'red', attempts: 'one', errors: 1 },
    async observe(context, version) {
      const line = await wire(context, mosquitto.port);
      const credentials = { [BROKER]: { user: 'anna', password: 'wrong' } };
      const flow = await context.load(bothWays(line.port, version, 'x'), credentials);
      await line.until('a refusal', () => line.answered('connack').length > 0);
      await sleep(1_500); // Longer than the first pause before a new attempt.
      return {
        fill: flow.statusesOf('in').at(-1)?.fill,
        attempts: line.connections === 1 ? 'one' : 'many',
        errors: flow.complaints().length,
      };
    },
  });
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

fault('every retry is a status update of every node', {
  versions: [4],
  core: { more: true },
  ours: { more: false },
  async observe(context, version) {
    const line = await wire(context);
    line.refuse(true);
    const flow = await context.load(bothWays(line.port, version, 'x'));
    await line.until('a first retry', () => line.connections >= 2, 5_000);
    const before = flow.statusesOf('in').length;
    await line.until('two more', () => line.connections >= 4, 14_000);
    return { more: flow.statusesOf('in').length > before };
  },
});

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
    (first?.payload as Buffer).fill(0);
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
    const flow = await context.load([tab(), broker(port, version), mqttOut('out'), catchAll('errors'), sink('errors')]);
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

// No fault but a difference by design: ours has a stable client id of its own, so that a session can be kept.
fault('a session to be kept is not, without a client id', {
  versions: [4, 5],
  core: { clean: true, warnings: 1, sameId: false },
  ours: { clean: false, warnings: 0, sameId: true },
  async observe(context, version) {
    const line = await wire(context);
    const nodes = bothWays(line.port, version, 'x', { cleansession: false, clientid: '' });
    const settings = { userDir: await context.folder() };
    const first = await context.load(nodes, {}, settings);
    await first.shows('in', 'green');
    const warnings = first.complaints().length;
    await first.stop();
    const second = await context.load(nodes, {}, settings);
    await second.shows('in', 'green');

    const ids = line.sent('connect').map((packet) => packet.clientId);
    return { clean: line.sent('connect')[0]?.clean === true, warnings, sameId: ids[0] === ids[1] };
  },
});

for (const [title, properties] of [
  ['no tls-config', {}],
  ['verifyservercert false', { verifyservercert: false }],
] as const) {
  fault(`with ${title}, TLS takes any certificate`, {
    versions: [4],
    core: { connected: true, errors: 0 },
    ours: { connected: false, errors: 1 },
    async observe(context, version) {
      const mosquitto = await startMosquitto({ cert: certificates().selfSigned });
      context.after(() => mosquitto.stop());
      const flow = await context.load(bothWays(mosquitto.tlsPort ?? 0, version, 'x', { usetls: true, ...properties }));
      const broke = () => flow.complaints().length > 0 || flow.node(BROKER).connected === true;
      await flow.until('an outcome', broke, 8_000);
      return { connected: flow.node(BROKER).connected === true, errors: flow.complaints().length };
    },
  });
}
