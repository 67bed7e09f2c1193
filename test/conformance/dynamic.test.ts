/** `mqtt in` with an input: subscriptions that come and go by messages. */
import assert from 'node:assert/strict';
import { broker, catchAll, completed, dynamicIn, type Flow, mqttOut, sink, tab } from '../support/flows';
import type { Message, RunningFlow } from '../support/runtime';
import { type Context, conformance } from './context';

function dynamicFlow(
  port: number,
  version: 4 | 5,
  properties: object = {},
  brokerProperties: object = {},
): Flow {
  return [
    tab(),
    broker(port, version, brokerProperties),
    dynamicIn('in', 'out', properties),
    mqttOut('own'),
    sink('out'),
    catchAll('errors'),
    sink('errors'),
    completed(['in'], 'complete'),
    sink('complete'),
  ];
}

async function start(context: Context, version: 4 | 5, properties: object = {}): Promise<RunningFlow> {
  const flow = await context.load(dynamicFlow(context.port, version, properties));
  await flow.shows('in', 'green');
  return flow;
}

/** The node's subscriptions, as `getSubscriptions` answers. */
async function subscriptions(flow: RunningFlow): Promise<unknown> {
  const answers = () => flow.at('out').filter((msg) => msg.topic === 'subscriptions');
  const before = answers().length;
  flow.send('in', { action: 'getSubscriptions' });
  await flow.until('the list', () => answers().length > before);
  return answers().at(-1)?.payload;
}

/** Publishes to topics below the prefix and resolves with those that arrived. */
async function arrivals(flow: RunningFlow, context: Context, topics: string[]): Promise<string[]> {
  const before = flow.at('out').length;
  for (const topic of topics)
    await flow.call('own', { topic: `${context.prefix}/${topic}`, payload: 'x', qos: 1 });
  // Behind the messages on the same line; what came, came before it.
  await flow.call('in', { action: 'subscribe', topic: `${context.prefix}/end` });
  await flow.call('own', { topic: `${context.prefix}/end`, payload: 'end', qos: 1 });
  await flow.until('the end', () => flow.at('out').at(-1)?.payload === 'end');
  await flow.call('in', { action: 'unsubscribe', topic: `${context.prefix}/end` });
  const arrived = flow.at('out').slice(before, -1);
  return arrived.map((msg) => String(msg.topic).slice(context.prefix.length + 1));
}

conformance('mqtt in, dynamic: subscribe', (context, version) => {
  /** A subscription as the node keeps it: with what the message left out. */
  const kept = (topic: string, more: object = {}) => ({
    topic,
    qos: 2,
    ...(version === 5 ? { rh: 0, rap: true } : {}),
    ...more,
  });

  it('is subscribed to nothing at first', async () => {
    const flow = await start(context(), version);

    assert.deepEqual(await subscriptions(flow), []);
  });

  for (const [title, topic, wanted] of [
    ['a string', (p: string) => `${p}/a`, (p: string) => [kept(`${p}/a`)]],
    ['an object', (p: string) => ({ topic: `${p}/a`, qos: 1 }), (p: string) => [kept(`${p}/a`, { qos: 1 })]],
    [
      'an object with all options',
      (p: string) => ({ topic: `${p}/a`, qos: '0', rh: 2, rap: false, nl: false, datatype: 'utf8' }),
      (p: string) => [{ topic: `${p}/a`, qos: 0, rh: 2, rap: false, nl: false, datatype: 'utf8' }],
    ],
    [
      'an array of strings and objects',
      (p: string) => [`${p}/a`, { topic: `${p}/b`, qos: 0 }],
      (p: string) => [kept(`${p}/a`), kept(`${p}/b`, { qos: 0 })],
    ],
    ['an empty array', () => [], () => []],
  ] as const) {
    it(`to ${title}`, async () => {
      const flow = await start(context(), version);

      const completion = await flow.call('in', { action: 'subscribe', topic: topic(context().prefix) });

      assert.equal(completion.error, undefined);
      const wantedList = wanted(context().prefix);
      assert.deepEqual(completion.msg.subscriptions, wantedList);
      assert.deepEqual(await subscriptions(flow), wantedList);
      await flow.messages('complete', 2);
      const topics = wantedList.map((entry) => entry.topic.slice(context().prefix.length + 1));
      assert.deepEqual(await arrivals(flow, context(), ['a', 'b']), topics);
    });
  }

  it('adds to what is there, and every message carries its topic', async () => {
    const { prefix } = context();
    const flow = await start(context(), version);

    for (const topic of ['a', 'b', 'c/+'])
      await flow.call('in', { action: 'subscribe', topic: `${prefix}/${topic}` });

    assert.deepEqual(await arrivals(flow, context(), ['a', 'b', 'c/1', 'd']), ['a', 'b', 'c/1']);
  });

  it('each subscription has its datatype; without one, the node’s', async () => {
    const { prefix } = context();
    const flow = await start(context(), version, { datatype: 'base64' });
    const topic = [
      `${prefix}/node`,
      { topic: `${prefix}/json`, datatype: 'json' },
      { topic: `${prefix}/utf8`, datatype: 'utf8' },
    ];
    await flow.call('in', { action: 'subscribe', topic });

    for (const name of ['node', 'json', 'utf8'])
      await flow.call('own', { topic: `${prefix}/${name}`, payload: '{"a":1}' });
    await flow.messages('out', 3);

    assert.deepEqual(
      flow.at('out').map((msg) => msg.payload),
      ['eyJhIjoxfQ==', { a: 1 }, '{"a":1}'],
    );
  });

  it('to the same topic again takes the new options and delivers once', async () => {
    const { prefix } = context();
    const flow = await start(context(), version);

    await flow.call('in', { action: 'subscribe', topic: { topic: `${prefix}/a`, datatype: 'json' } });
    await flow.call('in', { action: 'subscribe', topic: { topic: `${prefix}/a`, datatype: 'utf8', qos: 0 } });

    assert.deepEqual(await subscriptions(flow), [kept(`${prefix}/a`, { datatype: 'utf8', qos: 0 })]);
    assert.deepEqual(await arrivals(flow, context(), ['a']), ['a']);
    assert.deepEqual(
      flow
        .at('out')
        .filter((msg) => msg.payload === 'x')
        .map((msg) => msg.qos),
      [0],
    );
  });

  it('with a QoS that does not exist it is subscribed with QoS 0', async () => {
    const { prefix } = context();
    const flow = await start(context(), version);

    const completion = await flow.call('in', {
      action: 'subscribe',
      topic: { topic: `${prefix}/a`, qos: 7 },
    });

    assert.equal(completion.error, undefined);
    assert.deepEqual(await arrivals(flow, context(), ['a']), ['a']);
    assert.deepEqual(
      flow
        .at('out')
        .filter((msg) => msg.payload === 'x')
        .map((msg) => msg.qos),
      [0],
    );
  });

  it('a retained message arrives', async () => {
    const { prefix } = context();
    const flow = await start(context(), version);
    await flow.call('own', { topic: `${prefix}/a`, payload: 'kept', retain: true, qos: 1 });

    flow.send('in', { action: 'subscribe', topic: `${prefix}/+` });
    const [msg] = await flow.messages('out', 1);

    assert.deepEqual([msg?.payload, msg?.retain], ['kept', true]);
  });

  for (const [title, topic] of [
    ['no topic', undefined],
    ['a number', 5],
    ['true', true],
    ['an empty string', ''],
    ['an object without a topic', { qos: 1 }],
    ['a wrong wildcard', 'a/#/b'],
    ['a list with one wrong filter', ['good', 'a+/b']],
    ['a list with an empty entry', ['good', '']],
  ] as const) {
    it(`with ${title}: an error, nothing is subscribed, and the next one works`, async () => {
      const { prefix } = context();
      const flow = await start(context(), version);
      const bad: Message = { action: 'subscribe', ...(topic === undefined ? {} : { topic }), mine: 'kept' };

      const completion = await flow.call('in', bad);
      await flow.messages('errors', 1);

      assert.ok(completion.error);
      assert.equal(flow.completionsOf(bad).length, 1);
      assert.deepEqual(
        flow.at('errors').map((msg) => msg.mine),
        ['kept'],
      );
      assert.deepEqual(await subscriptions(flow), []);
      await flow.call('in', { action: 'subscribe', topic: `${prefix}/a` });
      assert.deepEqual(await arrivals(flow, context(), ['a']), ['a']);
    });
  }
});

conformance('mqtt in, dynamic: unsubscribe and list', (context, version) => {
  for (const [title, topic, left] of [
    ['a string', (p: string) => `${p}/a`, ['b', 'c']],
    ['an object', (p: string) => ({ topic: `${p}/a` }), ['b', 'c']],
    ['an array of both', (p: string) => [`${p}/a`, { topic: `${p}/c` }], ['b']],
    ['true: everything', () => true, []],
    ['something that is not subscribed', (p: string) => `${p}/other`, ['a', 'b', 'c']],
  ] as const) {
    it(`from ${title}`, async () => {
      const { prefix } = context();
      const flow = await start(context(), version);
      await flow.call('in', {
        action: 'subscribe',
        topic: ['a', 'b', 'c'].map((name) => `${prefix}/${name}`),
      });

      const completion = await flow.call('in', { action: 'unsubscribe', topic: topic(prefix) });

      assert.equal(completion.error, undefined);
      const list = (await subscriptions(flow)) as { topic: string }[];
      assert.deepEqual(
        list.map((entry) => entry.topic),
        left.map((name) => `${prefix}/${name}`),
      );
      assert.deepEqual(completion.msg.subscriptions, list);
      assert.deepEqual(await arrivals(flow, context(), ['a', 'b', 'c']), left);
    });
  }

  it('without a topic: an error, and nothing changes', async () => {
    const { prefix } = context();
    const flow = await start(context(), version);
    await flow.call('in', { action: 'subscribe', topic: `${prefix}/a` });

    const completion = await flow.call('in', { action: 'unsubscribe' });

    assert.ok(completion.error);
    assert.deepEqual(await arrivals(flow, context(), ['a']), ['a']);
  });

  it('the list keeps the rest of the message', async () => {
    const flow = await start(context(), version);

    flow.send('in', { action: 'getSubscriptions', topic: 'x', payload: 'y', mine: 'kept', _msgid: 'id' });
    const [msg] = await flow.messages('out', 1);

    assert.deepEqual(msg, {
      action: 'getSubscriptions',
      topic: 'subscriptions',
      payload: [],
      mine: 'kept',
      _msgid: 'id',
    });
  });

  for (const [title, msg] of [
    ['an unknown action', { action: 'listen', topic: 'x' }],
    ['an action in capitals', { action: 'Subscribe', topic: 'x' }],
    ['no action', { topic: 'x' }],
    ['an action that is no string', { action: 1, topic: 'x' }],
  ] as const) {
    it(`${title}: an error, once`, async () => {
      const flow = await start(context(), version);
      const bad: Message = { ...msg };

      const completion = await flow.call('in', bad);
      await flow.messages('errors', 1);

      assert.ok(completion.error);
      assert.equal(flow.completionsOf(bad).length, 1);
      assert.deepEqual(await subscriptions(flow), []);
    });
  }
});

conformance('mqtt in, dynamic: while not connected', (context, version) => {
  it('what is subscribed before the connection is there arrives after it', async () => {
    const { port, prefix } = context();
    const flow = await context().load(dynamicFlow(port, version, {}, { autoConnect: false }));

    const completion = await flow.call('in', { action: 'subscribe', topic: `${prefix}/a` });
    await flow.call('in', { action: 'connect' });

    assert.equal(completion.error, undefined);
    assert.deepEqual(await arrivals(flow, context(), ['a']), ['a']);
  });

  it('subscriptions survive disconnect and connect', async () => {
    const { prefix } = context();
    const flow = await start(context(), version);
    await flow.call('in', { action: 'subscribe', topic: [`${prefix}/a`, `${prefix}/b`] });

    await flow.call('in', { action: 'disconnect' });
    await flow.call('in', { action: 'unsubscribe', topic: `${prefix}/b` });
    await flow.call('in', { action: 'connect' });

    assert.deepEqual(await arrivals(flow, context(), ['a', 'b']), ['a']);
  });
});
