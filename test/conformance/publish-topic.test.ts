/** Where `mqtt out` publishes to, what the complete node sees of it, and messages that cannot be sent. */
import assert from 'node:assert/strict';
import type { Message, RunningFlow } from '../support/runtime';
import { outFlow } from './connection-flow';
import { type Context, conformance } from './context';

/** Sends messages and resolves with what was published of them. */
async function published(flow: RunningFlow, context: () => Context, msgs: Message[]) {
  const observer = await context().observer();
  await flow.shows('out', 'green');
  for (const msg of msgs) flow.send('out', msg);
  flow.send('out', { topic: `${context().prefix}/end`, payload: 'end' });
  await observer.until('the end', () => observer.seen.at(-1)?.topic === `${context().prefix}/end`);
  return observer.seen.slice(0, -1);
}

conformance('mqtt out: topic', (context, version) => {
  it('the node over the message', async () => {
    const { port, prefix } = context();
    const flow = await context().load(outFlow(port, version, { topic: `${prefix}/node` }));
    const observer = await context().observer();
    await flow.shows('out', 'green');

    flow.send('out', { topic: `${prefix}/message`, payload: 'x' });

    assert.deepEqual(
      (await observer.packets(1)).map((packet) => packet.topic),
      [`${prefix}/node`],
    );
  });

  for (const [title, topic] of [
    ['missing', undefined],
    ['empty', ''],
    ['with +', 'a/+/b'],
    ['with #', 'a/#'],
    ['a number', 5],
    ['an array', ['a']],
    ['with a line feed', 'a\nb'],
    ['with U+0000', 'a\u0000b'],
  ] as const) {
    it(`${title}: nothing is sent, and the next message passes`, async () => {
      const { port, prefix } = context();
      const flow = await context().load(outFlow(port, version));
      const bad = { payload: 'bad', ...(topic === undefined ? {} : { topic }) };

      const seen = await published(flow, context, [bad, { topic: `${prefix}/good`, payload: 'good' }]);

      assert.deepEqual(
        seen.map((packet) => packet.topic),
        [`${prefix}/good`],
      );
      await flow.until('one complaint', () => flow.complaints().length + flow.at('errors').length === 1);
      assert.ok(flow.at('complete').every((msg) => msg.payload !== 'bad'));
    });
  }

  it('the complete node sees topic, QoS and retain as they were sent, and the rest as it was', async () => {
    const { port, prefix } = context();
    const flow = await context().load(
      outFlow(port, version, { topic: `${prefix}/x`, qos: '1', retain: 'false' }),
    );
    await flow.shows('out', 'green');

    flow.send('out', { payload: 'x', retain: true, other: { stays: true } });
    const [msg] = await flow.messages('complete', 1);

    const { _msgid, complete: _complete, ...rest } = msg ?? {};
    assert.deepEqual(rest, {
      topic: `${prefix}/x`,
      payload: 'x',
      qos: 1,
      retain: false,
      other: { stays: true },
    });
  });

  it('the complete node sees the payload as it was sent', async () => {
    const { port, prefix } = context();
    const flow = await context().load(outFlow(port, version, { topic: `${prefix}/x` }));
    await flow.shows('out', 'green');

    for (const payload of [{ a: 1 }, 21.5, null]) await flow.call('out', { payload });

    assert.deepEqual(
      (await flow.messages('complete', 3)).map((msg) => msg.payload),
      ['{"a":1}', '21.5', ''],
    );
  });

  if (version === 4) {
    it('a missing topic is not taken from responseTopic', async () => {
      const { port, prefix } = context();
      const flow = await context().load(outFlow(port, version));

      const seen = await published(flow, context, [{ payload: 'x', responseTopic: `${prefix}/answer` }]);

      assert.deepEqual(seen, []);
    });
    return;
  }

  for (const [title, topic] of [
    ['a missing topic', {}],
    ['an empty topic', { topic: '' }],
  ] as const) {
    it(`${title} is taken from responseTopic`, async () => {
      const { port, prefix } = context();
      const flow = await context().load(outFlow(port, version));
      const msg = {
        payload: 'x',
        responseTopic: `${prefix}/answer`,
        correlationData: Buffer.from('7'),
        ...topic,
      };

      const seen = await published(flow, context, [msg]);

      const properties = { responseTopic: `${prefix}/answer`, correlationData: Buffer.from('7') };
      assert.deepEqual(seen, [
        { topic: `${prefix}/answer`, payload: Buffer.from('x'), qos: 0, retain: false, properties },
      ]);
    });
  }

  it('topicAlias: the topic is sent once, and every message arrives under it', async () => {
    const { port, prefix } = context();
    const flow = await context().load(outFlow(port, version));
    const alias = (payload: string, topic: string, topicAlias: unknown) => ({
      topic: `${prefix}/${topic}`,
      payload,
      topicAlias,
    });

    const seen = await published(flow, context, [
      alias('first', 'a', 1),
      alias('again', 'a', 1),
      alias('as text', 'a', '1'),
      alias('another', 'b', 2),
      alias('taken over', 'b', 1),
      alias('still', 'b', 1),
      alias('above the broker’s maximum', 'c', 99),
      alias('not a number', 'c', 'x'),
      alias('zero', 'c', 0),
    ]);

    assert.deepEqual(
      seen.map(({ topic, payload }) => `${topic.slice(prefix.length)} ${payload}`),
      [
        '/a first',
        '/a again',
        '/a as text',
        '/b another',
        '/b taken over',
        '/b still',
        '/c above the broker’s maximum',
        '/c not a number',
        '/c zero',
      ],
    );
    await flow.messages('complete', 10);
  });
});

conformance('mqtt out: errors', (context, version) => {
  const circular: Message = {};
  circular.self = circular;

  for (const [title, payload] of [
    ['a circular object', circular],
    ['a symbol', Symbol('s')],
    ['an object with a BigInt', { n: 1n }],
  ] as const) {
    it(`${title} as payload: an error with the message, once, and the next message passes`, async () => {
      const { port, prefix } = context();
      const flow = await context().load(outFlow(port, version, { topic: `${prefix}/x` }));
      await flow.shows('out', 'green');

      const bad: Message = { payload, other: 'kept' };
      const completion = await flow.call('out', bad);
      const good = await flow.call('out', { payload: 'good' });
      await flow.messages('errors', 1);

      assert.ok(completion.error);
      assert.equal(good.error, undefined);
      assert.equal(flow.completionsOf(bad).length, 1);
      assert.deepEqual(
        flow.at('errors').map((msg) => msg.other),
        ['kept'],
      );
    });
  }
});
