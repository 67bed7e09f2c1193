/** One connection for all nodes that name a broker node, and what happens to it: gone, back, missing, doubled. */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FlowNode } from '../support/flows';
import { type NodeRed, startNodeRed } from '../support/node-red';
import {
  forEachGeneration,
  freePort,
  type Mosquitto,
  startMosquitto,
  startProxy,
} from '../support/servers/index';
import {
  CONNECT_MS,
  complaints,
  dinoxBroker,
  dinoxIn,
  dinoxOut,
  flowOf,
  Harness,
  type Partner,
  settled,
} from './nodes-support';
import { connects, sent } from './nodes-wire';

forEachGeneration('nodes share a connection', (generation) => {
  let server: Mosquitto;
  let partner: Partner;
  let topic: string;
  const harness = new Harness();
  const suite = new Harness();

  before(async function () {
    this.timeout(60_000);
    server = await startMosquitto({ generation });
    partner = await suite.partner(`mqtt://127.0.0.1:${server.port}`);
  });
  after(async () => {
    await suite.end();
    await server?.stop();
  });
  beforeEach(() => {
    topic = harness.topic();
  });
  afterEach(() => harness.end());

  const local = (port: number, properties: object = {}, id?: string): FlowNode =>
    dinoxBroker({ host: '127.0.0.1', port, usetls: false, ...properties }, id);
  const watched = async (properties: object = {}) => {
    const proxy = harness.keep(await startProxy({ target: { port: server.port } }));
    return { proxy, broker: local(proxy.port, properties) };
  };

  it('is one TCP connection and one SUBSCRIBE packet for thirty nodes', async () => {
    const { proxy, broker } = await watched();
    const ins = Array.from({ length: 20 }, (_item, n) => dinoxIn(`in${n}`, `${topic}/${n}`));
    const outs = Array.from({ length: 9 }, (_item, n) => dinoxOut(`out${n}`));
    const flow = await harness.flow(flowOf(broker, ...ins, ...outs, dinoxOut()), {});
    await settled(flow, `other/${topic}`);
    await Promise.all(outs.map(({ id }, n) => flow.call(id, { topic: `${topic}/${n}`, payload: n, qos: 1 })));
    for (let n = 0; n < outs.length; n++) {
      const [message] = await flow.messages(`in${n}-sink`, 1);
      assert.equal(message?.payload, n);
    }
    assert.equal(proxy.accepted, 1);
    assert.equal(connects(proxy).length, 1);
    assert.equal(sent(proxy, 'subscribe').length, 1);
    // A node that is added later uses it too.
    await flow.deploy(flowOf(broker, ...ins, ...outs, dinoxOut(), dinoxIn('late', `${topic}/late`)));
    await settled(flow, `other/${topic}`);
    await partner.publish(`${topic}/late`, '1');
    await flow.messages('late-sink', 1);
    assert.equal(proxy.accepted, 1);
  });

  it('tries again ever more seldom, and comes back by itself', async () => {
    const { proxy, broker } = await watched();
    const flow = await harness.flow(
      flowOf(broker, dinoxIn('in', topic), dinoxOut()),
      {},
      { mqttReconnectTime: 50 },
    );
    await settled(flow, topic);
    // From now on who connects is let in, and thrown out again at once.
    proxy.target = { port: await freePort() };
    proxy.cut();
    await sleep(3_000);
    const attempts = proxy.accepted - 1;
    assert.ok(attempts >= 2, `${attempts} attempts in three seconds`);
    assert.ok(attempts <= 20, `${attempts} attempts in three seconds`);
    assert.equal(flow.statusesOf('in').at(-1)?.fill, 'yellow');
    const statuses = flow.statusesOf('in').length;
    assert.ok(statuses <= 6, `${statuses} statuses: it flickers`);
    const waiting = flow.call('out', { topic, payload: '"kept"', qos: 1 }, CONNECT_MS);
    proxy.target = { port: server.port };
    await flow.shows('in', 'green', CONNECT_MS);
    assert.equal((await waiting).error, undefined);
    const [message] = await flow.messages('in-sink', 1);
    assert.equal(message?.payload, 'kept');
  });

  it('says hello and goodbye, and leaves a will', async () => {
    await partner.subscribe(`${topic}/#`);
    const { proxy, broker } = await watched({
      birthTopic: `${topic}/state`,
      birthPayload: 'here',
      birthQos: '1',
      birthRetain: 'true',
      closeTopic: `${topic}/state`,
      closePayload: 'left',
      closeRetain: 'true',
      willTopic: `${topic}/state`,
      willPayload: 'lost',
      willQos: '1',
    });
    const flow = await harness.flow(flowOf(broker, dinoxOut()), {}, { mqttReconnectTime: 100 });
    // Everything is acknowledged before the line breaks, so that nothing is sent twice.
    await settled(flow, `other/${topic}`);
    proxy.cut();
    await flow.shows('out', 'yellow');
    await settled(flow, `other/${topic}`);
    await flow.stop();
    const seen = await partner.arrived(4, `${topic}/state`);
    await sleep(200);
    assert.deepEqual(
      seen.map(({ payload }) => payload),
      ['here', 'lost', 'here', 'left'],
    );
  });

  it('waits for msg.action where autoConnect is off, and obeys connect and disconnect', async () => {
    const { proxy, broker } = await watched({ autoConnect: false, clientid: `first-${topic}` });
    const flow = await harness.flow(flowOf(broker, dinoxIn('in', topic), dinoxOut()), {});
    const waiting = flow.call('out', { topic, payload: '"early"', qos: 1 }, CONNECT_MS);
    await sleep(400);
    assert.equal(proxy.accepted, 0);
    assert.equal(flow.node('broker').connected, false);
    assert.equal(flow.statusesOf('in').at(-1)?.fill, 'red');
    assert.equal((await flow.call('out', { action: 'connect' }, CONNECT_MS)).error, undefined);
    assert.equal((await waiting).error, undefined);
    assert.equal((await flow.messages('in-sink', 1))[0]?.payload, 'early');
    assert.equal(flow.node('broker').connected, true);

    assert.equal((await flow.call('out', { action: 'disconnect' })).error, undefined);
    await flow.until('no connection', () => flow.node('broker').connected === false);
    await sleep(300);
    assert.equal(proxy.connections, 0);
    assert.equal(proxy.accepted, 1, 'it stays away');
    const again = { action: 'connect', broker: { clientid: `second-${topic}` } };
    assert.equal((await flow.call('out', again, CONNECT_MS)).error, undefined);
    assert.deepEqual(
      connects(proxy).map(({ clientId }) => clientId),
      [`first-${topic}`, `second-${topic}`],
    );
    await settled(flow, `other/${topic}`);
    await partner.publish(topic, '"later"');
    assert.equal((await flow.messages('in-sink', 2))[1]?.payload, 'later');
  });

  for (const [what, brokers] of [
    ['missing', () => []],
    ['disabled', () => [local(server.port, { d: true })]],
  ] as [string, () => FlowNode[]][]) {
    it(`says once for each node that its broker node is ${what}`, async () => {
      const dynamic = dinoxIn('dynamic', '', { inputs: 1, topicType: 'dynamic' });
      const flow = await harness.flow(flowOf(...brokers(), dinoxIn('in', topic), dynamic, dinoxOut()), {});
      for (const id of ['in', 'dynamic', 'out']) {
        assert.deepEqual([flow.statusesOf(id).at(-1)?.fill, flow.statusesOf(id).length], ['red', 1], id);
        assert.equal(flow.complaints().filter(({ node }) => node === id).length, 1, id);
      }
      for (const [id, message] of [
        ['out', { topic, payload: '1' }],
        ['dynamic', { action: 'subscribe', topic }],
      ] as const) {
        const { error } = await flow.call(id, { ...message });
        assert.match(error ?? '', /The connection .* is missing/);
      }
    });
  }

  it('names two broker nodes with one client id at deploy, and not those of different brokers', async () => {
    const { broker } = await watched({ clientid: 'twin' });
    const twin = { ...broker, id: 'broker2' };
    const elsewhere = local(server.port, { clientid: 'twin' }, 'broker3');
    const nodes = [twin, elsewhere].map(({ id }) => dinoxOut(`${id}-out`, { broker: id }));
    const flow = await harness.flow(flowOf(broker, twin, elsewhere, dinoxOut(), ...nodes), {});
    const named = await flow.until('both are named', () => {
      const list = flow.complaints().filter(({ text }) => text.includes('would disconnect each other'));
      return list.length >= 2 && list;
    });
    assert.deepEqual(named.map(({ node }) => node).sort(), ['broker', 'broker2']);
  });

  it('has no secrets in what it complains about', async () => {
    const broker = local(1, {});
    const flow = await harness.flow(flowOf(broker, dinoxIn('in', topic)), {
      broker: { user: 'u', mqttPassword: 's3cret-word' },
    });
    await flow.until('a reason', () => complaints(flow)[0], CONNECT_MS);
    assert.doesNotMatch(JSON.stringify([flow.logged, flow.statuses]), /s3cret-word/);
  });
});

/** Two installations of the same flow file, as when a flow is copied to another machine. */
describe('two Node-REDs with one flow file', function () {
  this.timeout(120_000);
  let server: Mosquitto;
  const harness = new Harness();
  const started: NodeRed[] = [];

  before(async () => {
    server = await startMosquitto();
  });
  after(async () => {
    await Promise.all(started.map((nodeRed) => nodeRed.stop()));
    await harness.end();
    await server?.stop();
  });

  it('do not throw each other out, and keep their client ids over a restart', async () => {
    const proxy = harness.keep(await startProxy({ target: { port: server.port } }));
    const flows = [
      { id: 'tab', type: 'tab', label: 'Copied' },
      dinoxBroker({ host: '127.0.0.1', port: proxy.port, usetls: false }),
      dinoxIn('in', 'copied/#', { wires: [[]] }),
    ];
    const ids = () => connects(proxy).map(({ clientId }) => clientId);
    const start = () => startNodeRed({ version: '4', flows, linkPackage: true });
    const [one, two] = await Promise.all([start(), start()]);
    started.push(one, two);
    await one.until('both are connected', () => ids().length >= 2);
    await sleep(1_500);
    assert.equal(ids().length, 2, 'nobody was thrown out');
    const [first, second] = ids();
    assert.notEqual(first, second);
    for (const id of ids()) assert.match(id, /^dinox-[0-9a-f]{16}$/);
    for (const { text } of [one, two].flatMap((nodeRed) => nodeRed.logLines('warn', 'error'))) {
      assert.doesNotMatch(text, /dinox/);
    }
    assert.equal(one.statusesOf('in').at(-1)?.fill, 'green');

    await one.restart();
    await one.until('it is connected again', () => ids().length >= 3);
    const [, , third] = ids();
    assert.ok(third === first || third === second, 'the id is the one from before');
    await sleep(300);
    assert.equal(proxy.connections, 2);
  });
});
