/** Bad messages for `dinox-mqtt-out`: refused with a clear error, or sent as core sends them with one warning. */
import assert from 'node:assert/strict';
import type { Message } from '../support/runtime';
import { startMosquitto } from '../support/servers';
import { assertDoneOnce, assertRefused, assertWorks, bothVersions, workbench } from './bad-input';

const circular: Message = {};
circular.self = circular;

const REFUSED: [title: string, msg: (prefix: string) => Message, says: RegExp[]][] = [
  ['no topic', () => ({ payload: 'x' }), [/topic/i, /missing|empty|no topic|must/i]],
  ['an empty topic', () => ({ payload: 'x', topic: '' }), [/topic/i, /empty/i]],
  ['a topic with +', (p) => ({ payload: 'x', topic: `${p}/+/x` }), [/topic/i, /wildcard|\+/]],
  ['a topic with #', (p) => ({ payload: 'x', topic: `${p}/#` }), [/topic/i, /wildcard|#/]],
  [
    'a topic with U+0000',
    (p) => ({ payload: 'x', topic: `${p}/a\u0000b` }),
    [/topic/i, /U\+0000|null|control/i],
  ],
  [
    'a topic with a line feed',
    (p) => ({ payload: 'x', topic: `${p}/a\nb` }),
    [/topic/i, /control|line|U\+000A/i],
  ],
  [
    'a topic of 65,536 bytes',
    (p) => ({ payload: 'x', topic: p.padEnd(65_536, 'x') }),
    [/topic/i, /65[,. ]?53[56]/],
  ],
  [
    'a topic of 32,768 characters of two bytes',
    (p) => ({ payload: 'x', topic: `${p}/${'ä'.repeat(32_768)}` }),
    [/topic/i, /65[,. ]?5/],
  ],
  [
    'a topic with half a surrogate pair',
    (p) => ({ payload: 'x', topic: `${p}/a\ud800b` }),
    [/topic/i, /UTF-?8|surrogate|Unicode|U\+D800/i],
  ],
  ['an array as topic', (p) => ({ payload: 'x', topic: [`${p}/x`] }), [/topic/i, /text|string/i]],
  ['a number as topic', () => ({ payload: 'x', topic: 5 }), [/topic/i, /text|string/i]],
  ['an object as topic', () => ({ payload: 'x', topic: { a: 1 } }), [/topic/i, /text|string/i]],
  ['a symbol', (p) => ({ topic: `${p}/x`, payload: Symbol('s') }), [/payload/i, /symbol/i]],
  ['a circular object', (p) => ({ topic: `${p}/x`, payload: circular }), [/payload/i, /circular|circle/i]],
  ['an object with a BigInt', (p) => ({ topic: `${p}/x`, payload: { n: 1n } }), [/payload/i, /BigInt/i]],
  [
    '300 MB',
    (p) => ({ topic: `${p}/x`, payload: Buffer.alloc(300_000_000) }),
    [/payload|message/i, /300/, /parts|smaller|limit|most/i],
  ],
  [
    '300 MB of text',
    (p) => ({ topic: `${p}/x`, payload: 'x'.repeat(300_000_000) }),
    [/payload|message/i, /300/],
  ],
];

bothVersions('bad input, mqtt out: refused', (context, version) => {
  for (const [title, msg, says] of REFUSED) {
    it(title, async () => {
      const flow = await context().load(workbench(context(), version));
      await flow.shows('out', 'green');

      await assertRefused(flow, 'out', msg(context().prefix), says, 8_000);

      await assertWorks(flow, context());
      assert.deepEqual(
        flow.at('received').map((received) => received.payload),
        ['good'],
      );
      assert.equal(flow.at('errors').length, 1);
      assert.deepEqual(flow.complaints(), [], 'the catch node has it; the log need not');
    }).timeout(15_000);
  }

  it('the connection never notices', async () => {
    const flow = await context().load(workbench(context(), version));
    await flow.shows('out', 'green');
    const before = flow.statuses.length;

    for (const [, msg] of REFUSED.slice(0, -2)) await flow.call('out', msg(context().prefix));
    await assertWorks(flow, context());

    assert.equal(flow.statuses.length, before);
  });
});

/** Sent all the same, as core does, and said once. */
const SAID: [title: string, msg: Message, arrives: Message, says: RegExp, only?: 4 | 5][] = [
  ['undefined as payload', { payload: undefined }, { payload: '', qos: 0 }, /payload/i],
  ['a BigInt', { payload: 12345678901234567890n }, { payload: '12345678901234567890' }, /payload|BigInt/i],
  ['a Map', { payload: new Map([['a', 1]]) }, { payload: '{}' }, /payload.* is of type Map.*plain object/],
  [
    'a function',
    { payload: parseInt },
    { payload: 'function parseInt() { [native code] }' },
    /payload|function/i,
  ],
  ['QoS 3', { payload: 'x', qos: 3 }, { payload: 'x', qos: 0 }, /QoS.*3/i],
  ['QoS "high"', { payload: 'x', qos: 'high' }, { payload: 'x', qos: 0 }, /QoS.*high/i],
  ['QoS -1', { payload: 'x', qos: -1 }, { payload: 'x', qos: 0 }, /QoS.*-1/i],
  [
    'MQTT 5 properties over MQTT 3.1.1',
    { payload: 'x', contentType: 'text/plain' },
    { payload: 'x', contentType: undefined },
    /contentType|propert/i,
    4,
  ],
  [
    'userProperties that are not strings',
    { payload: 'x', userProperties: { n: 1, s: 'text', o: { a: true } } },
    { payload: 'x', userProperties: { n: '1', s: 'text', o: '{"a":true}' } },
    /userProperties/i,
    5,
  ],
  [
    'userProperties that are no object',
    { payload: 'x', userProperties: 'a=b' },
    { payload: 'x', userProperties: undefined },
    /userProperties/i,
    5,
  ],
  [
    'a negative expiry',
    { payload: 'x', messageExpiryInterval: -5 },
    { payload: 'x', messageExpiryInterval: undefined },
    /expiry.*-5/i,
    5,
  ],
  [
    'an expiry that is no number',
    { payload: 'x', messageExpiryInterval: 'soon' },
    { payload: 'x', messageExpiryInterval: undefined },
    /expiry.*soon/i,
    5,
  ],
];

bothVersions('bad input, mqtt out: sent all the same, and said once', (context, version) => {
  for (const [title, msg, arrives, says, only] of SAID) {
    if (only !== undefined && only !== version) continue;
    it(title, async () => {
      const flow = await context().load(workbench(context(), version, {}));
      await flow.shows('out', 'green');
      const nodes = [1, 2, 3].map((n) => ({ ...msg, topic: `${context().prefix}/${n}` }));

      for (const bad of nodes) {
        const completion = await flow.call('out', bad);
        assert.equal(completion.error, undefined);
        assertDoneOnce(flow, bad);
      }
      await assertWorks(flow, context());

      for (const received of flow.at('received').slice(0, 3)) {
        for (const [name, value] of Object.entries(arrives)) {
          assert.deepEqual(name === 'payload' ? String(received[name]) : received[name], value);
        }
      }
      const said = flow.complaints();
      assert.equal(
        said.length,
        1,
        `said ${said.length} times: ${said.map((entry) => entry.text).join(' | ')}`,
      );
      assert.equal(said[0]?.level, 'warn');
      assert.match(said[0]?.text ?? '', says);
      assert.deepEqual(flow.at('errors'), []);
    });
  }
});

bothVersions('bad input, mqtt out: what core breaks at', (context, version) => {
  if (version === 4) return;

  // Core drops the connection and never calls done.
  it('an expiry that no packet can hold', async () => {
    const flow = await context().load(workbench(context(), version));
    await flow.shows('out', 'green');
    const bad = { topic: `${context().prefix}/x`, payload: 'x', messageExpiryInterval: 2 ** 33 };

    await flow.call('out', bad);
    await assertWorks(flow, context());

    assertDoneOnce(flow, bad);
    const said = [
      ...flow.complaints().map((entry) => entry.text),
      ...flow.completionsOf(bad).map((entry) => entry.error ?? ''),
    ];
    assert.match(said.join(' '), /expiry/i);
    assert.ok(flow.statusesOf('out').filter((status) => status.fill === 'green').length === 1);
  });

  // Core’s connection hangs for ever.
  for (const [title, properties] of [
    ['a user property of 65,536 bytes', { userProperties: { a: 'x'.repeat(65_536) } }],
    ['a name of a user property of 65,536 bytes', { userProperties: { ['x'.repeat(65_536)]: 'a' } }],
    ['a content type of 65,536 bytes', { contentType: 'x'.repeat(65_536) }],
    ['a response topic of 65,536 bytes', { responseTopic: 'x'.repeat(65_536) }],
    ['correlation data of 65,536 bytes', { correlationData: Buffer.alloc(65_536) }],
  ] as const) {
    it(title, async () => {
      const flow = await context().load(workbench(context(), version));
      await flow.shows('out', 'green');
      const bad = { topic: `${context().prefix}/x`, payload: 'x', ...properties };

      await assertRefused(flow, 'out', bad, [/65[,. ]?53[56]/]);
      await assertWorks(flow, context());
    });
  }

  it('more bytes than the broker says that it takes', async () => {
    const mosquitto = await startMosquitto({ extraConfig: 'max_packet_size 2000' });
    context().after(() => mosquitto.stop());
    const flow = await context().load(workbench(context(), version, {}, { port: String(mosquitto.port) }));
    await flow.shows('out', 'green');
    await assertRefused(flow, 'out', { topic: `${context().prefix}/x`, payload: 'x'.repeat(3_000) }, [
      /2[,. ]?000/,
    ]);
    await assertWorks(flow, context());
  });
});
