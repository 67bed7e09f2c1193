/** Bad filters, options and actions for `dinox-mqtt-in`; and nodes whose broker is missing. */
import assert from 'node:assert/strict';
import { BROKER, broker, catchAll, dynamicIn, type Flow, mqttIn, mqttOut, sink, tab } from '../support/flows';
import type { Message } from '../support/runtime';
import {
  assertClear,
  assertDoneOnce,
  assertRefused,
  assertWorks,
  bothVersions,
  workbench,
} from './bad-input';

const LONG = 'x'.repeat(65_536);

bothVersions('bad input, mqtt in: actions', (context, version) => {
  const cases: [title: string, msg: Message, says: RegExp[]][] = [
    ['subscribe without a topic', { action: 'subscribe' }, [/topic/i]],
    ['subscribe with null', { action: 'subscribe', topic: null }, [/topic/i]],
    ['subscribe with a number', { action: 'subscribe', topic: 5 }, [/topic/i]],
    ['subscribe with true', { action: 'subscribe', topic: true }, [/topic/i]],
    ['subscribe with an empty topic', { action: 'subscribe', topic: '' }, [/topic|filter/i, /empty/i]],
    ['subscribe with an object without a topic', { action: 'subscribe', topic: { qos: 1 } }, [/topic/i]],
    [
      'subscribe with a list that holds null',
      { action: 'subscribe', topic: ['good', null] },
      [/topic|filter/i],
    ],
    ['subscribe with # before the end', { action: 'subscribe', topic: 'a/#/b' }, [/a\/#\/b/, /#/]],
    ['subscribe with + inside a level', { action: 'subscribe', topic: 'a/b+/c' }, [/a\/b\+\/c/, /\+/]],
    [
      'subscribe with U+0000',
      { action: 'subscribe', topic: 'a\u0000b' },
      [/topic|filter/i, /U\+0000|null|control/i],
    ],
    ['subscribe with 65,536 bytes', { action: 'subscribe', topic: LONG }, [/65[,. ]?53[56]/]],
    ['subscribe to a share without a filter', { action: 'subscribe', topic: '$share/group' }, [/\$share/]],
    ['unsubscribe without a topic', { action: 'unsubscribe' }, [/topic/i]],
    [
      'unsubscribe with a list that holds a number',
      { action: 'unsubscribe', topic: ['x', 5] },
      [/topic|filter/i],
    ],
    ['an unknown action', { action: 'listen' }, [/action/, /listen/, /subscribe/]],
    ['no action', { topic: 'x', payload: 'y' }, [/action/, /subscribe/]],
    ['a symbol as action', { action: Symbol('s') }, [/action/, /subscribe/]],
    ['an object as action', { action: { a: 1 } }, [/action/, /subscribe/]],
  ];

  for (const [title, msg, says] of cases) {
    it(title, async () => {
      const flow = await context().load(workbench(context(), version));
      await flow.shows('dynamic', 'green');

      await assertRefused(flow, 'dynamic', { ...msg }, says);

      const list = await flow.call('dynamic', { action: 'getSubscriptions' });
      assert.deepEqual(list.msg.payload, []);
      await assertWorks(flow, context());
    });
  }

  it('a message to a node that has no input is no accident that hangs', async () => {
    const flow = await context().load(workbench(context(), version));
    await flow.shows('in', 'green');

    const stray: Message = { payload: 'x' };
    const completion = await flow.call('in', stray);

    assertClear(completion.error, [/action|input|dynamic/i]);
    assertDoneOnce(flow, stray);
  });
});

bothVersions('bad input, mqtt in: the dialog', (context, version) => {
  for (const [title, topic, says] of [
    ['an empty topic', '', [/topic|filter/i, /empty|missing/i]],
    ['no topic', undefined, [/topic|filter/i]],
    ['# before the end', 'a/#/b', [/a\/#\/b/]],
    ['U+0000', 'a\u0000b', [/topic|filter/i, /U\+0000|null|control/i]],
    ['65,536 bytes', LONG, [/65[,. ]?53[56]/]],
    ['a topic that is a number', 5, [/topic|filter/i]],
  ] as const) {
    it(`${title}: named once at deploy and in the status; the other nodes work`, async () => {
      const flow = await context().load([
        ...workbench(context(), version),
        mqttIn('bad', topic as string, 'received'),
      ]);
      await flow.shows('in', 'green');
      await flow.shows('bad', 'red');

      const said = flow.complaints();
      assert.deepEqual(
        said.map((entry) => entry.node),
        ['bad'],
      );
      assertClear(said[0]?.text, [...says]);
      await assertWorks(flow, context());
    });
  }

  for (const qos of ['3', 'high', '-1', 7]) {
    it(`QoS ${JSON.stringify(qos)} in the dialog of mqtt in is 2, as core’s`, async () => {
      const nodes = [
        ...workbench(context(), version),
        mqttIn('odd', `${context().prefix}/good`, 'odd-out', { qos }),
        sink('odd-out'),
      ];
      const flow = await context().load(nodes);
      await flow.shows('odd', 'green');
      await flow.shows('out', 'green');

      await flow.call('out', { topic: `${context().prefix}/good`, payload: 'x', qos: 2 });

      assert.deepEqual(
        (await flow.messages('odd-out', 1)).map((msg) => msg.qos),
        [2],
      );
    });
  }
});

bothVersions('bad input: a broker that is not there', (context, version) => {
  const nodesWithout = (brokerId: string): Flow => [
    tab(),
    mqttIn('in', 'x', 'received', { broker: brokerId }),
    dynamicIn('dynamic', 'received', { broker: brokerId }),
    mqttOut('out', { broker: brokerId }),
    sink('received'),
    catchAll('errors'),
    sink('errors'),
    { ...broker(context().port, version), id: 'other' },
    mqttOut('good', { broker: 'other' }),
    mqttIn('good-in', `${context().prefix}/#`, 'received', { broker: 'other' }),
  ];

  for (const [title, id, more] of [
    ['missing', 'nowhere', []],
    ['not chosen', '', []],
    ['disabled', BROKER, [{ ...broker(1, version), d: true }]],
    ['a node of another kind', 'received', []],
  ] as const) {
    it(`${title}: named at deploy and in the status, a message gets an error, other nodes work`, async () => {
      const flow = await context().load([...nodesWithout(id), ...more]);
      await flow.shows('good', 'green');

      for (const node of ['in', 'dynamic', 'out']) {
        assert.equal(flow.statusesOf(node).at(-1)?.fill, 'red');
        const said = flow.complaints().filter((entry) => entry.node === node);
        assert.equal(said.length, 1);
        assertClear(said[0]?.text, [/dinox-broker|broker|account/i]);
      }
      await assertRefused(flow, 'out', { topic: 'x', payload: 'x' }, [/broker|account/i]);
      const dynamic = await flow.call('dynamic', { action: 'subscribe', topic: 'x' });
      assertClear(dynamic.error, [/broker|account/i]);
      await assertWorks(flow, context(), 'good');
    });
  }
});
