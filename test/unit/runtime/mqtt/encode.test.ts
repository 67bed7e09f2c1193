import assert from 'node:assert/strict';
import { runInNewContext } from 'node:vm';
import { inEnglish } from '../../../../src/base/english';
import { mqttOutSettings } from '../../../../src/nodes/dinox-mqtt-out/config';
import { type OutSettings, publicationOf } from '../../../../src/runtime/mqtt/encode';
import { InputError } from '../../../../src/topics/errors';
import type { Publication } from '../../../../src/transport/messages';

type Message = Record<string, unknown>;

const NOTHING_FIXED: OutSettings = { topic: '', qos: '', retain: '', properties: undefined };

/** The publication and the codes of what was odd. */
function encoded(
  message: Message,
  settings: Partial<OutSettings> = {},
  v5 = true,
): { sent: Publication | undefined; odd: string[]; texts: string[] } {
  const odd: string[] = [];
  const texts: string[] = [];
  const sent = publicationOf(
    { topic: 't', ...message },
    { ...NOTHING_FIXED, ...settings },
    v5,
    (code, text) => {
      odd.push(code);
      texts.push(inEnglish(text));
    },
  );
  return { sent, odd, texts };
}

function refuses(message: Message, code: string, says: RegExp, settings: Partial<OutSettings> = {}): void {
  assert.throws(
    () => encoded(message, settings),
    (error: unknown) => {
      assert.ok(error instanceof InputError, String(error));
      assert.equal(error.code, code);
      assert.match(error.message, says);
      return true;
    },
  );
}

describe('encode: payloads as core sends them', () => {
  const table: [what: string, payload: unknown, sent: string | Buffer][] = [
    ['text', 'on', 'on'],
    ['empty text', '', ''],
    ['a Buffer', Buffer.from([1, 2]), Buffer.from([1, 2])],
    ['an empty Buffer', Buffer.alloc(0), Buffer.alloc(0)],
    ['a number', 22.5, '22.5'],
    ['zero', 0, '0'],
    ['NaN', Number.NaN, 'NaN'],
    ['true', true, 'true'],
    ['false', false, 'false'],
    ['an object', { a: [1, { b: null }] }, '{"a":[1,{"b":null}]}'],
    ['an array', [1, 'x'], '[1,"x"]'],
    ['a date', new Date(0), '"1970-01-01T00:00:00.000Z"'],
  ];
  for (const [what, payload, sent] of table) {
    it(what, () => {
      const result = encoded({ payload });
      assert.deepEqual(result.sent, { topic: 't', payload: sent, qos: 0, retain: false });
      assert.deepEqual(result.odd, []);
    });
  }

  it('nothing is sent for a message without a payload', () => {
    assert.equal(encoded({}).sent, undefined);
  });

  for (const payload of [undefined, null]) {
    it(`${payload} is empty text, and it is said`, () => {
      const { sent, odd, texts } = encoded({ payload });
      assert.equal(sent?.payload, '');
      assert.deepEqual(odd, ['payload-empty']);
      assert.match(String(texts), new RegExp(`is ${payload}`));
    });
  }

  // Kind: silence where something was lost. It is sent as core's node sends it, and it is said.
  for (const [title, payload, sent, says] of [
    ['a Map', new Map([['a', 1]]), '{}', /is of type Map, which/],
    ['a Set', new Set([1]), '{}', /is of type Set, which/],
    ['an Error', new Error('lost'), '{}', /is of type Error, which/],
    ['an Error of another world', runInNewContext('new Error("lost")'), '{}', /is of type Error, which/],
    [
      'an Error with a code',
      Object.assign(new Error('x'), { code: 'E' }),
      '{"code":"E"}',
      /is of type Error, which/,
    ],
    ['a Uint8Array', new Uint8Array([7]), '{"0":7}', /is of type Uint8Array, which/],
    ['an ArrayBuffer', new ArrayBuffer(4), '{}', /is of type ArrayBuffer, which/],
    ['a regular expression', /x/, '{}', /is of type RegExp, which/],
    ['a Map within', { a: [{ b: new Map() }] }, '{"a":[{"b":{}}]}', /holds something of type Map/],
  ] as const) {
    it(`${title} has no form in JSON, and it is said`, () => {
      const { sent: out, odd, texts } = encoded({ payload });
      assert.equal(out?.payload, sent);
      assert.deepEqual(odd, ['payload-form']);
      assert.match(String(texts), says);
    });
  }

  for (const payload of [{}, [], [{}], { a: {} }, new Date(0), { at: new Date(0), of: {} }, { text: '{}' }]) {
    it(`${JSON.stringify(payload)} has one, and nothing is said`, () => {
      assert.deepEqual(encoded({ payload }).odd, []);
    });
  }

  it('a BigInt is text, as with core', () => {
    assert.equal(encoded({ payload: 12n }).sent?.payload, '12');
  });

  it('what cannot be sent is refused with the reason', () => {
    refuses({ payload: Symbol('s') }, 'payload-type', /symbol.*cannot be sent/);
    const circle: Message = {};
    circle.self = circle;
    refuses({ payload: circle }, 'payload-json', /circular.*without circles/i);
    refuses({ payload: { big: 1n } }, 'payload-json', /BigInt/);
    refuses({ payload: { toJSON: () => undefined } }, 'payload-json', /toJSON/);
    refuses(
      {
        payload: {
          toJSON: () => {
            throw new Error('no\nno');
          },
        },
      },
      'payload-json',
      /JSON: no\. /,
    );
  });

  it('300 MB do not fit into a packet', () => {
    // Never written to: the system gives no memory for it.
    refuses({ payload: Buffer.alloc(300_000_000) }, 'payload-large', /300000000 bytes.*268435455.*in parts/);
    assert.ok(encoded({ payload: Buffer.alloc(268_435_455) }).sent);
  });
});

describe('encode: topics', () => {
  it('the node’s comes first, then the message’s', () => {
    assert.equal(encoded({ topic: 'm', payload: '' }, { topic: 'n' }).sent?.topic, 'n');
    assert.equal(encoded({ topic: 'm', payload: '' }).sent?.topic, 'm');
  });

  it('an answer goes to the response topic on MQTT 5', () => {
    const message = { topic: '', payload: 'x', responseTopic: 'answers' };
    assert.equal(encoded(message).sent?.topic, 'answers');
    assert.equal(encoded({ ...message, topic: 'm' }).sent?.topic, 'm');
    assert.throws(() => encoded(message, {}, false), { code: 'topic-empty' });
  });

  const bad: [topic: unknown, code: string][] = [
    ['', 'topic-empty'],
    [undefined, 'topic-type'],
    [['a', 'b'], 'topic-type'],
    [7, 'topic-type'],
    [{}, 'topic-type'],
    ['a/+', 'topic-wildcard'],
    ['#', 'topic-wildcard'],
    ['a\0', 'topic-control'],
    ['a'.repeat(65_536), 'topic-long'],
  ];
  for (const [topic, code] of bad) {
    it(`${JSON.stringify(topic)?.slice(0, 20)}: ${code}`, () =>
      assert.throws(() => encoded({ topic, payload: 'x' }), { code }));
  }
});

describe('encode: QoS and retained', () => {
  const good: [setting: string, value: unknown, qos: number][] = [
    ['', 0, 0],
    ['', 1, 1],
    ['', '2', 2],
    ['', undefined, 0],
    ['', null, 0],
    ['', '', 0],
    ['1', 2, 1],
    ['0', '2', 0],
  ];
  for (const [setting, value, qos] of good) {
    it(`QoS ${JSON.stringify(value)}${setting ? `, fixed to ${setting}` : ''} is ${qos}`, () => {
      const result = encoded({ payload: '', qos: value }, { qos: setting });
      assert.equal(result.sent?.qos, qos);
      assert.deepEqual(result.odd, []);
    });
  }

  for (const value of ['3', 'high', -1, 3, Number.NaN, [1], {}, true, Symbol('1')]) {
    it(`QoS ${String(value)} is 0, as with core, and it is said`, () => {
      const { sent, odd } = encoded({ payload: '', qos: value });
      assert.equal(sent?.qos, 0);
      assert.deepEqual(odd, ['qos']);
    });
  }

  const retained: [setting: unknown, value: unknown, retain: boolean][] = [
    ['', true, true],
    ['', 'true', true],
    ['', 'false', false],
    ['', undefined, false],
    ['', 1, false],
    ['true', false, true],
    ['false', true, false],
    [false, true, true],
    [true, undefined, true],
  ];
  for (const [setting, value, retain] of retained) {
    it(`retain ${JSON.stringify(value)}, in the node ${JSON.stringify(setting)}: ${retain}`, () => {
      assert.equal(encoded({ payload: '', retain: value }, { retain: setting }).sent?.retain, retain);
    });
  }

  it('the message then holds what was sent, as with core', () => {
    const message: Message = { topic: 'm', payload: { a: 1 }, qos: '1', retain: 'true' };
    publicationOf(message, NOTHING_FIXED, true, () => {});
    assert.deepEqual(message, { topic: 'm', payload: '{"a":1}', qos: 1, retain: true });
  });
});

describe('encode: properties', () => {
  it('of the message, under those of the node', () => {
    const { sent, odd } = encoded(
      { payload: '', contentType: 'a/b', responseTopic: 'r', userProperties: { a: 'x' } },
      { properties: { contentType: 'n/n', messageExpiryInterval: 60 } },
    );
    assert.deepEqual(sent?.properties, {
      contentType: 'n/n',
      responseTopic: 'r',
      userProperties: { a: 'x' },
      messageExpiryInterval: 60,
    });
    assert.deepEqual(odd, []);
  });

  it('that are wrong are named', () => {
    const { sent, odd, texts } = encoded({ payload: '', messageExpiryInterval: -1, userProperties: 'x' });
    assert.equal(sent?.properties, undefined);
    assert.deepEqual(odd, ['expiry', 'user-properties']);
    assert.match(String(texts[0]), /seconds from 0 to 4294967295, but it is -1/);
  });

  it('an expiry that is a list is left out like any other wrong one, and named', () => {
    const { sent, odd, texts } = encoded({ payload: '', messageExpiryInterval: [5] });
    assert.deepEqual([sent?.properties, odd], [undefined, ['expiry']]);
    assert.match(String(texts), /but it is an array/);
  });

  it('that are not text go as JSON, and it is said', () => {
    const { sent, odd } = encoded({ payload: '', userProperties: { a: 'x', b: { c: 1 } } });
    assert.deepEqual(sent?.properties?.userProperties, { a: 'x', b: '{"c":1}' });
    assert.deepEqual(odd, ['user-properties']);
  });

  it('of any kind throw nothing of JavaScript’s own', () => {
    const circle: Message = {};
    circle.self = circle;
    const values = [
      Symbol('s'),
      1n,
      circle,
      { a: 1n },
      { a: Symbol('s') },
      [1n],
      [[Object.create(null)]],
      Object.create(null),
      Object.create(null, { a: { enumerable: true, value: Object.create(null) } }),
      () => {},
      Number.NaN,
    ];
    for (const name of [
      'messageExpiryInterval',
      'userProperties',
      'correlationData',
      'responseTopic',
      'contentType',
      'topicAlias',
      'payloadFormatIndicator',
      'qos',
      'retain',
    ]) {
      for (const value of values)
        assert.doesNotThrow(() => encoded({ payload: '', [name]: value }), `${name}: ${typeof value}`);
    }
  });
});

describe('encode: text for DinoX', () => {
  const sent = (payload: unknown, padding = true) =>
    encoded({ payload }, mqttOutSettings({ padding })).sent?.payload;

  it('no length is left at which its receiver reads past the end', () => {
    for (let bytes = 0; bytes < 300; bytes++) {
      const text = 'x'.repeat(bytes);
      const fills = [24, 40, 56, 72, 88].includes(bytes) || (bytes > 100 && bytes % 16 === 8);
      assert.equal(sent(text), fills ? `${text} ` : text, `${bytes} bytes`);
    }
  });

  it('counts bytes, not characters, and looks at objects and numbers as they are sent', () => {
    assert.equal(sent('ä'.repeat(12)), `${'ä'.repeat(12)} `);
    assert.equal(sent('ä'.repeat(24)), 'ä'.repeat(24));
    assert.equal(sent({ text: 'x'.repeat(13) }), `{"text":"${'x'.repeat(13)}"} `);
  });

  it('never changes bytes, and nothing unless the node says so', () => {
    assert.deepEqual(sent(Buffer.alloc(24, 1)), Buffer.alloc(24, 1));
    assert.equal(sent('x'.repeat(24), false), 'x'.repeat(24));
    assert.equal(encoded({ payload: 'x'.repeat(24) }, mqttOutSettings({})).sent?.payload, 'x'.repeat(24));
  });
});

describe('encode: what does not wait for the connection', () => {
  it('only where the node says so, at QoS 0, and no request', () => {
    const marked = (def: Message, qos: number) =>
      encoded({ payload: '', topic: 't', qos }, mqttOutSettings(def)).sent?.dropOffline;
    assert.equal(marked({}, 0), undefined);
    assert.equal(marked({ dropOffline: true }, 0), true);
    assert.equal(marked({ dropOffline: true }, 1), undefined);
    assert.equal(marked({ dropOffline: true, waitResponse: true }, 0), undefined);
  });
});
