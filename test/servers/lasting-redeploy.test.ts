/** What waits while the broker node is deployed anew, switched to and from the disk, or deleted. */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Flow } from '../support/flows';
import {
  freePort,
  type Proxy as Line,
  type Mosquitto,
  startMosquitto,
  startProxy,
} from '../support/servers/index';
import {
  credentials,
  dinoxBroker,
  dinoxIn,
  dinoxOut,
  flowOf,
  Harness,
  online,
  type Partner,
  settled,
} from './nodes-support';

/** A third of each QoS. */
const MESSAGES = 39;
/** While messages come. */
const DEPLOYS = 6;

describe('lasting: deploys while messages wait', () => {
  const harness = new Harness();
  let server: Mosquitto;
  let line: Line;
  let partner: Partner;
  before(async () => {
    server = await startMosquitto({ extraConfig: 'max_queued_messages 0' });
  });
  beforeEach(async () => {
    line = harness.keep(await startProxy({ target: { port: server.port }, port: await freePort() }));
    partner = await harness.partner(`mqtt://127.0.0.1:${server.port}`);
  });
  afterEach(() => harness.end());
  after(() => server?.stop());

  const flow = (properties: object = {}): Flow =>
    flowOf(
      dinoxBroker({
        host: '127.0.0.1',
        port: String(line.port),
        usetls: false,
        serverType: 'mosquitto',
        protocolVersion: '5',
        ...properties,
      }),
      dinoxOut('out'),
    );
  /** A flow that is online, and then is not; `send` hands over messages of every QoS. */
  async function cutOff(properties: object = {}, refuse = true) {
    const running = await harness.flow(flow(properties), credentials);
    const topic = harness.topic();
    await partner.subscribe(`${topic}/#`);
    await online(running, 'out');
    if (refuse) {
      await line.refuse(true);
      line.cut();
      await running.shows('out', 'yellow');
    }
    const sent: Record<string, unknown>[] = [];
    const send = (): void => {
      for (let number = 0; number < MESSAGES; number++) {
        const msg = { topic: `${topic}/t`, payload: String(sent.length), qos: number % 3 };
        sent.push(msg);
        running.send('out', msg);
      }
    };
    const outcome = (): string[] =>
      sent.map((msg) => {
        const calls = running.completionsOf(msg).map(({ error }) => (error ? 'error' : 'done'));
        return calls.join(',') || 'open';
      });
    const count = (): Record<string, number> => {
      const counts: Record<string, number> = {};
      for (const one of outcome()) counts[one] = (counts[one] ?? 0) + 1;
      return counts;
    };
    // MQTT keeps the order within a topic and a QoS (MQTT 5 §4.6).
    const byQos = (list: number[]): number[][] =>
      [0, 1, 2].map((qos) => list.filter((one) => one % 3 === qos));
    const numbers = async (): Promise<number[]> =>
      (await partner.arrived(sent.length, topic, 10_000)).map(({ payload }) => Number(payload));
    return { running, send, sent, count, numbers, byQos };
  }
  const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

  it('in memory: they arrive through the successor, in order, once, and each is done once', async () => {
    const { running, send, count, numbers, byQos } = await cutOff();
    send();
    await running.deploy(flow(), 'full');
    assert.deepEqual(count(), { open: MESSAGES });
    send();
    await running.deploy(flow({ name: 'another name' }), 'nodes');
    await line.refuse(false);
    assert.deepEqual(byQos(await numbers()), byQos(upTo(2 * MESSAGES)));
    await running.until('all is done', () => count().done === 2 * MESSAGES);
    await sleep(300);
    assert.deepEqual(count(), { done: 2 * MESSAGES });
    assert.equal(partner.seen.length, 2 * MESSAGES);
  });

  it('while connected: what is under way is confirmed before the node goes, so that none comes twice', async () => {
    const { running, send, count, numbers } = await cutOff({}, false);
    line.delay(60);
    send();
    await running.deploy(flow(), 'full');
    line.delay(0);
    assert.deepEqual(
      (await numbers()).sort((a, b) => a - b),
      upTo(MESSAGES),
    );
    await running.until('all is done', () => count().done === MESSAGES);
    await sleep(500);
    assert.equal(partner.seen.length, MESSAGES, 'none came twice');
  });

  it('on disk: done as soon as it lies there, and it arrives through the successor', async () => {
    const { running, send, count, numbers, byQos } = await cutOff({ queuePersist: true });
    send();
    await running.deploy(flow({ queuePersist: true }), 'full');
    assert.deepEqual(count(), { done: MESSAGES });
    send();
    // From now on in memory: what lies on disk is taken over.
    await running.deploy(flow({ queuePersist: false }), 'full');
    send();
    await running.deploy(flow({ queuePersist: true }), 'full');
    await line.refuse(false);
    assert.deepEqual(byQos(await numbers()), byQos(upTo(3 * MESSAGES)));
    await sleep(300);
    assert.deepEqual(count(), { done: 3 * MESSAGES });
    assert.equal(partner.seen.length, 3 * MESSAGES);
  });

  it('a deleted broker node gives every waiting message its reason, once, and takes its file along', async () => {
    for (const queuePersist of [false, true]) {
      const { running, send, sent, count } = await cutOff({ queuePersist });
      send();
      await sleep(50);
      await running.deploy(flowOf(dinoxOut('out')), 'full');
      assert.deepEqual(count(), { error: MESSAGES });
      for (const msg of sent)
        assert.match(running.completionsOf(msg)[0]?.error ?? '', /dinox-broker node was closed/);
      await line.refuse(false);
      await sleep(300);
      assert.deepEqual(partner.seen, []);
      await running.stop();
    }
  });
});

describe('lasting: deploys while messages come', () => {
  const harness = new Harness();
  let server: Mosquitto;
  before(async () => {
    server = await startMosquitto({ extraConfig: 'max_queued_messages 0' });
  });
  afterEach(() => harness.end());
  after(() => server?.stop());

  for (const protocolVersion of ['4', '5']) {
    for (const type of ['full', 'flows', 'nodes'] as const) {
      const makes = { full: 'the connection too', flows: 'a whole flow', nodes: 'the node alone' }[type];
      const version = protocolVersion === '5' ? '5' : '3.1.1';
      it(`${makes}: each message reaches the flow once, in its order (MQTT ${version})`, async () => {
        const topic = harness.topic();
        const flow = (name: string): Flow =>
          flowOf(
            dinoxBroker({
              host: '127.0.0.1',
              port: String(server.port),
              usetls: false,
              serverType: 'mosquitto',
              protocolVersion,
              cleansession: false,
              clientid: `deploys-${topic}`,
              sessionExpiry: 300,
              // What unsubscribes when it disconnects can expect nothing of the time between.
              autoUnsubscribe: type !== 'full',
              name: type === 'full' ? name : '',
            }),
            dinoxIn('in', `${topic}/+`, { name }),
            dinoxOut('out'),
          );
        // Without a connection in between nothing is lost at QoS 0 either.
        const levels = type === 'full' ? ([1, 2] as const) : ([0, 1, 2] as const);
        const running = await harness.flow(flow('0'));
        await settled(running, topic);
        const partner = await harness.partner(`mqtt://127.0.0.1:${server.port}`);
        let sent = 0;
        let over = false;
        const publish = async (): Promise<void> => {
          for (; !over; sent++) {
            await Promise.all(levels.map((qos) => partner.publish(`${topic}/${qos}`, String(sent), { qos })));
          }
        };
        const published = publish();
        for (let number = 1; number <= DEPLOYS; number++) {
          await sleep(50);
          await running.deploy(flow(String(number)), type);
        }
        await sleep(50);
        over = true;
        await published;
        const came = (qos: number): unknown[] =>
          running
            .at('in-sink')
            .filter((msg) => msg.topic === `${topic}/${qos}`)
            .map(({ payload }) => payload);
        await running.until(`${sent} at each QoS`, () => levels.every((qos) => came(qos).length >= sent));
        for (const qos of levels) {
          const all = came(qos);
          // At QoS 1 what was not acknowledged when the connection ended may come twice, and then in its old place.
          const news = type === 'full' && qos === 1 ? [...new Set(all)] : all;
          assert.deepEqual(
            news,
            Array.from({ length: sent }, (_, index) => index),
            `QoS ${qos}`,
          );
        }
      });
    }
  }
});
