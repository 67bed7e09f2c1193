/** What `mqtt in` subscribes to, and what it gets: wildcards, QoS, retained messages, MQTT 5 subscription options. */
import assert from 'node:assert/strict';
import { broker, type Flow, mqttIn, mqttOut, sink, tab } from '../support/flows';
import type { Message, RunningFlow } from '../support/runtime';
import { type Context, conformance } from './context';

function inFlow(
  port: number,
  version: 4 | 5,
  filter: string,
  properties: object = {},
  brokerProperties: object = {},
): Flow {
  return [
    tab(),
    broker(port, version, brokerProperties),
    mqttIn('in', filter, 'out', properties),
    sink('out'),
    mqttOut('own'),
  ];
}

function parts(msgs: Message[], ...names: string[]): unknown[][] {
  return msgs.map((msg) => names.map((name) => msg[name]));
}

/** Publishes a last message beside the others, and resolves with what the node received before it. */
async function untilEnd(
  flow: RunningFlow,
  context: Context,
  publishEnd: () => Promise<void> | void,
): Promise<Message[]> {
  await publishEnd();
  await flow.until('the end', () => flow.at('out').some((msg) => msg.payload === 'end'));
  assert.equal(flow.at('out').at(-1)?.payload, 'end', `after ${context.prefix}`);
  return flow.at('out').slice(0, -1);
}

const WILDCARDS: [filter: string, matching: string[]][] = [
  ['a/b', ['a/b']],
  ['a/+', ['a/b', 'a/c']],
  ['+/b', ['a/b', 'b/b']],
  ['a/+/c', ['a/b/c']],
  ['a/#', ['a', 'a/b', 'a/c', 'a/b/c']],
  ['#', ['a', 'b', 'a/b', 'a/c', 'b/b', 'a/b/c', 'a.b', 'a*b (c) [d] ^$?|', 'ünï/☃']],
  ['+', ['a', 'b', 'a.b', 'a*b (c) [d] ^$?|']],
  ['+/+', ['a/b', 'a/c', 'b/b', 'ünï/☃']],
  ['a.b', ['a.b']],
  ['a*b (c) [d] ^$?|', ['a*b (c) [d] ^$?|']],
  ['ünï/+', ['ünï/☃']],
];
const TOPICS = WILDCARDS.find(([filter]) => filter === '#')?.[1] as string[];

conformance('mqtt in: filters', (context, version) => {
  for (const [filter, matching] of WILDCARDS) {
    it(`${filter} gets ${matching.length} of ${TOPICS.length} topics`, async () => {
      const { port, prefix } = context();
      const nodes = inFlow(port, version, `${prefix}/${filter}`);
      const flow = await context().load([
        ...nodes,
        mqttIn('last', `${prefix}-end`, 'last-out'),
        sink('last-out'),
      ]);
      const observer = await context().observer();
      await context().subscribed(flow);

      await Promise.all(TOPICS.map((topic) => observer.publish(`${prefix}/${topic}`, 'x')));
      await observer.publish(`${prefix}-end`, 'end');
      await flow.messages('last-out', 1);

      assert.deepEqual(
        flow
          .at('out')
          .map((msg) => String(msg.topic).slice(prefix.length + 1))
          .sort(),
        [...matching].sort(),
      );
    });
  }

  it('several nodes whose filters overlap get each message once', async () => {
    const { port, prefix } = context();
    const filters = [`${prefix}/x`, `${prefix}/x`, `${prefix}/+`, `${prefix}/#`];
    const nodes = filters.map((filter, index) => mqttIn(`in${index}`, filter, `out${index}`, { qos: '1' }));
    const sinks = filters.map((_, index) => sink(`out${index}`));
    const flow = await context().load([tab(), broker(port, version), ...nodes, ...sinks, mqttOut('own')]);
    const observer = await context().observer();
    await context().subscribed(flow);

    await observer.publish(`${prefix}/x`, 'first');
    await observer.publish(`${prefix}/x`, 'end');
    for (const index of filters.keys()) await flow.messages(`out${index}`, 2);

    for (const index of filters.keys()) {
      assert.deepEqual(parts(flow.at(`out${index}`), 'payload'), [['first'], ['end']]);
    }
  });

  for (const [title, topic] of [
    ['with + inside a level', 'a/b+'],
    ['with # before the end', 'a/#/b'],
  ] as const) {
    it(`a filter ${title} is refused at deploy, and the other nodes work`, async () => {
      const { port, prefix } = context();
      const flow = await context().load([
        tab(),
        broker(port, version),
        mqttIn('bad', topic, 'out'),
        mqttIn('good', `${prefix}/x`, 'out'),
        mqttOut('own'),
        sink('out'),
      ]);
      const observer = await context().observer();
      await context().subscribed(flow);

      await observer.publish(`${prefix}/x`, 'x');
      await flow.messages('out', 1);

      assert.deepEqual(
        flow.complaints().map((entry) => entry.node),
        ['bad'],
      );
    });
  }
});

conformance('mqtt in: QoS', (context, version) => {
  for (const [setting, published, received] of [
    ['0', 2, 0],
    ['1', 2, 1],
    ['2', 2, 2],
    ['2', 1, 1],
    ['2', 0, 0],
    [1, 2, 1],
    [undefined, 2, 2],
    ['', 2, 2],
    ['7', 2, 2],
  ] as const) {
    it(`node ${JSON.stringify(setting)}, message ${published}: arrives with ${received}`, async () => {
      const { port, prefix } = context();
      const flow = await context().load(inFlow(port, version, `${prefix}/x`, { qos: setting }));
      const observer = await context().observer();
      await context().subscribed(flow);

      await observer.publish(`${prefix}/x`, 'x', { qos: published });

      assert.deepEqual(parts(await flow.messages('out', 1), 'payload', 'qos'), [['x', received]]);
    });
  }
});

conformance('mqtt in: retained messages', (context, version) => {
  it('a retained message arrives on subscribing, marked', async () => {
    const { port, prefix } = context();
    const observer = await context().observer();
    await observer.publish(`${prefix}/a`, 'A', { retain: true });
    await observer.publish(`${prefix}/b`, 'B', { retain: true });

    const flow = await context().load(inFlow(port, version, `${prefix}/+`));
    const received = await flow.messages('out', 2);

    assert.deepEqual(parts(received, 'payload', 'retain').sort(), [
      ['A', true],
      ['B', true],
    ]);
  });

  for (const [rap, retain] of [
    [true, true],
    ['true', true],
    [false, false],
    ['false', false],
    [undefined, false],
  ] as const) {
    const wanted = version === 5 && retain;
    it(`rap ${JSON.stringify(rap)}: a message published as retained arrives with retain ${wanted}`, async () => {
      const { port, prefix } = context();
      const flow = await context().load(inFlow(port, version, `${prefix}/x`, { rap }));
      const observer = await context().observer();
      await context().subscribed(flow);
      // Its answer says that the subscription stands: what comes then is no replay.
      flow.send('own', { topic: `${prefix}/x`, payload: 'start' });
      await flow.messages('out', 1);

      await observer.publish(`${prefix}/x`, 'x', { retain: true });

      assert.deepEqual(parts(await flow.messages('out', 2), 'payload', 'retain'), [
        ['start', false],
        ['x', wanted],
      ]);
    });
  }

  for (const [rh, replayed] of [
    [0, true],
    ['0', true],
    [1, true],
    [2, version === 4],
    ['2', version === 4],
    [undefined, true],
    ['x', true],
  ] as const) {
    it(`rh ${JSON.stringify(rh)}: a retained message ${replayed ? 'arrives' : 'does not arrive'}`, async () => {
      const { port, prefix } = context();
      const observer = await context().observer();
      await observer.publish(`${prefix}/x`, 'kept', { retain: true });

      const flow = await context().load(inFlow(port, version, `${prefix}/x`, { rh }));
      await flow.shows('in', 'green');
      const received = await untilEnd(flow, context(), () =>
        flow.send('own', { topic: `${prefix}/x`, payload: 'end' }),
      );

      assert.deepEqual(parts(received, 'payload', 'retain'), replayed ? [['kept', true]] : []);
    });
  }

  for (const rh of [0, 1] as const) {
    const replayed = version === 4 || rh === 0;
    it(`rh ${rh}: where the session holds the subscription, a retained message ${replayed ? 'arrives' : 'does not arrive'}`, async () => {
      const { port, prefix } = context();
      const session = { clientid: prefix, cleansession: false, autoUnsubscribe: false, sessionExpiry: '60' };
      const nodes = inFlow(port, version, `${prefix}/x`, { rh }, session);
      const observer = await context().observer();
      const first = await context().load(nodes);
      await first.shows('in', 'green');
      first.send('own', { topic: `${prefix}/x`, payload: 'subscribed' });
      await first.messages('out', 1);
      await first.stop();
      await observer.publish(`${prefix}/x`, 'kept', { retain: true, qos: 0 });

      const second = await context().load(nodes);
      await second.shows('in', 'green');
      const received = await untilEnd(second, context(), () =>
        second.send('own', { topic: `${prefix}/x`, payload: 'end' }),
      );

      assert.deepEqual(
        parts(received, 'payload', 'retain').filter(([, retain]) => retain),
        replayed ? [['kept', true]] : [],
      );
    });
  }
});

conformance('mqtt in: no local', (context, version) => {
  for (const [nl, silent] of [
    [true, true],
    ['true', true],
    [false, false],
    ['false', false],
    [undefined, false],
  ] as const) {
    it(`nl ${JSON.stringify(nl)}: the flow's own message ${silent ? 'does not arrive' : 'arrives'}`, async () => {
      const { port, prefix, implementation } = context();
      // On MQTT 3.1.1 core leaves the option out; ours remembers what it has sent.
      const wanted = silent && (version === 5 || implementation.name === 'ours') ? ['end'] : ['own', 'end'];
      const flow = await context().load(inFlow(port, version, `${prefix}/x`, { nl }));
      const observer = await context().observer();
      await context().subscribed(flow);

      await flow.call('own', { topic: `${prefix}/x`, payload: 'own', qos: 1 });
      await observer.publish(`${prefix}/x`, 'end');
      await flow.until('the end', () => flow.at('out').at(-1)?.payload === 'end');

      assert.deepEqual(
        flow.at('out').map((msg) => msg.payload),
        wanted,
      );
    });
  }
});
