/**
 * Faults of core's MQTT nodes that ours must not have (the list is in DESIGN.md): the connection. Each test also
 * tells when a new Node-RED has mended one.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { BROKER } from '../support/flows';
import { certificates, type Mosquitto, startMosquitto } from '../support/servers';
import { bothWays, wire } from './connection-flow';
import { fault } from './fault';

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
      const flow = await context.load(
        bothWays(mosquitto.tlsPort ?? 0, version, 'x', { usetls: true, ...properties }),
      );
      const broke = () => flow.complaints().length > 0 || flow.node(BROKER).connected === true;
      await flow.until('an outcome', broke, 8_000);
      return { connected: flow.node(BROKER).connected === true, errors: flow.complaints().length };
    },
  });
}
