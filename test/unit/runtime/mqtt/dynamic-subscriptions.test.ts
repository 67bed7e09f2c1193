import assert from 'node:assert/strict';
import { inSettings } from '../../../../src/nodes/dinox-mqtt-in/config';
import { DynamicSubscriptions } from '../../../../src/runtime/mqtt/dynamic-subscriptions';

function setUp(v5 = true) {
  const calls: string[] = [];
  const sent: unknown[] = [];
  const target = {
    v5,
    subscribe: (
      filter: string,
      { qos, nl, rap, rh }: { qos: number; nl: boolean; rap: boolean; rh: number },
      datatype: string,
    ) => {
      calls.push(`+${filter} q${qos} ${nl} ${rap} ${rh} ${datatype}`);
      return true;
    },
    unsubscribe: (filter: string) => void calls.push(`-${filter}`),
    flush: () => void calls.push('flush'),
  };
  const dynamic = new DynamicSubscriptions(target, inSettings({ inputs: 1, datatype: 'utf8' }));
  const handle = (message: Record<string, unknown>): { message: Record<string, unknown>; error?: Error } => {
    const done: (Error | undefined)[] = [];
    dynamic.handle(
      message,
      (out) => sent.push(out),
      (error) => done.push(error),
    );
    assert.equal(done.length, 1, 'done once');
    return { message, ...(done[0] ? { error: done[0] } : {}) };
  };
  return { calls, sent, handle };
}

describe('dynamic subscriptions', () => {
  it('subscribe to one topic with core’s defaults', () => {
    const { calls, handle } = setUp();
    const { message, error } = handle({ action: 'subscribe', topic: 'a/#' });
    assert.equal(error, undefined);
    assert.deepEqual(calls, ['+a/# q2 false true 0 utf8', 'flush']);
    assert.deepEqual(message.subscriptions, [{ topic: 'a/#', qos: 2, rh: 0, rap: true }]);
  });

  it('to one with options, to several', () => {
    const { calls, handle } = setUp();
    handle({
      action: 'subscribe',
      topic: { topic: 'a', qos: 1, nl: true, rap: false, rh: 1, datatype: 'json' },
    });
    handle({ action: 'subscribe', topic: ['b', { topic: 'c', qos: '0' }] });
    assert.deepEqual(calls, [
      '+a q1 true false 1 json',
      'flush',
      '+b q2 false true 0 utf8',
      '+c q0 false true 0 utf8',
      'flush',
    ]);
  });

  it('name the options of MQTT 5 only there', () => {
    const { handle } = setUp(false);
    assert.deepEqual(handle({ action: 'subscribe', topic: 'a' }).message.subscriptions, [
      { topic: 'a', qos: 2 },
    ]);
  });

  it('unsubscribe one, several, all', () => {
    const { calls, handle } = setUp();
    handle({ action: 'subscribe', topic: ['a', 'b', 'c', 'd'] });
    calls.length = 0;
    assert.deepEqual(
      (handle({ action: 'unsubscribe', topic: 'a' }).message.subscriptions as { topic: string }[]).map(
        ({ topic }) => topic,
      ),
      ['b', 'c', 'd'],
    );
    handle({ action: 'unsubscribe', topic: ['b', { topic: 'c' }] });
    assert.deepEqual(handle({ action: 'unsubscribe', topic: true }).message.subscriptions, []);
    assert.deepEqual(calls, ['-a', 'flush', '-b', '-c', 'flush', '-d', 'flush']);
  });

  it('are listed on the output', () => {
    const { sent, handle } = setUp();
    handle({ action: 'subscribe', topic: 'a' });
    handle({ action: 'getSubscriptions', _msgid: '1' });
    assert.deepEqual(sent, [
      {
        action: 'getSubscriptions',
        _msgid: '1',
        topic: 'subscriptions',
        payload: [{ topic: 'a', qos: 2, rh: 0, rap: true }],
      },
    ]);
  });

  it('a list is a copy', () => {
    const { handle } = setUp();
    const first = handle({ action: 'subscribe', topic: 'a' }).message.subscriptions as { topic: string }[];
    (first[0] as { topic: string }).topic = 'changed';
    assert.equal(
      (handle({ action: 'getSubscriptions' }).message.payload as { topic: string }[])[0]?.topic,
      'a',
    );
  });

  const bad: [what: string, message: Record<string, unknown>, says: RegExp][] = [
    ['no topic', { action: 'subscribe' }, /msg\.topic is missing/],
    ['a number', { action: 'subscribe', topic: 7 }, /msg\.topic/],
    ['null', { action: 'subscribe', topic: null }, /msg\.topic/],
    ['an object without a topic', { action: 'subscribe', topic: { qos: 1 } }, /topic filter must be text/],
    ['empty', { action: 'subscribe', topic: '' }, /is empty/],
    ['a bad filter', { action: 'subscribe', topic: 'a#' }, /"a#"/],
    ['one bad among good', { action: 'subscribe', topic: ['a', 'b+', 'c'] }, /"b\+"/],
    ['true for subscribing', { action: 'subscribe', topic: true }, /msg\.topic/],
    ['no action', {}, /this message has none/],
    ['somebody else’s action', { action: 'single_press' }, /"single_press"/],
    ['unsubscribe without a topic', { action: 'unsubscribe' }, /msg\.topic is missing/],
  ];
  for (const [what, message, says] of bad) {
    it(`${what}: an error, and nothing is done`, () => {
      const { calls, handle } = setUp();
      assert.match(String(handle(message).error?.message), says);
      assert.deepEqual(calls, []);
    });
  }
});
