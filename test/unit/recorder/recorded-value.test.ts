import assert from 'node:assert/strict';
import {
  describePayload as describeValue,
  MAX_FIELDS,
  MAX_PREVIEW,
  quickNumber,
  statesIn,
} from '../../../src/recorder/recorded-value';

const of = (payload: string | Buffer) => {
  const bytes = Buffer.from(payload as string);
  return describeValue(bytes, bytes.length);
};

describe('a number that is too long', () => {
  it('is a text, also with a unit behind it', () => {
    for (const digits of ['9'.repeat(400), `1${'0'.repeat(4_000)}`]) {
      const { kind, number, text } = of(`${digits} °C`);
      assert.deepEqual([kind, number, text.length <= 161], ['text', undefined, true]);
    }
  });
});

describe('what a payload is', () => {
  const cases: [string, string, object][] = [
    ['a number', '21.5', { kind: 'number', text: '21.5', number: 21.5 }],
    ['a number with its unit', '21.5 °C', { kind: 'number', text: '21.5', number: 21.5, unit: '°C' }],
    ['a percentage', '48%', { kind: 'number', text: '48', number: 48, unit: '%' }],
    [
      'our own form',
      '{"value":22.1,"unit":"°C"}',
      { kind: 'number', text: '22.1', number: 22.1, unit: '°C' },
    ],
    ['our own state', '{"state":"closed"}', { kind: 'boolean', text: 'closed', number: 0 }],
    ['a state that is none of the known', '{"state":"cooling"}', { kind: 'text', text: 'cooling' }],
    ['ON', 'ON', { kind: 'boolean', text: 'ON', number: 1 }],
    ['true', 'true', { kind: 'boolean', text: 'true', number: 1 }],
    ['text', 'hello', { kind: 'text', text: 'hello' }],
    ['text of several lines', 'a\n b', { kind: 'text', text: 'a b' }],
    ['a date, which is no number with a unit', '2026-11-25', { kind: 'text', text: '2026-11-25' }],
    ['an address', '192.168.0.1', { kind: 'text', text: '192.168.0.1' }],
    ['JSON text', '"hello"', { kind: 'text', text: 'hello' }],
    [
      'a state beside numbers',
      '{"status":"online","interval":300}',
      {
        kind: 'json',
        text: '{"status":"online","interval":300}',
        fields: { interval: 300 },
        state: 'online',
      },
    ],
    [
      'a door, as zigbee2mqtt tells it',
      '{"battery":97,"contact":true,"tamper":false,"voltage":2915}',
      {
        kind: 'json',
        text: '{"battery":97,"contact":true,"tamper":false,"voltage":2915}',
        fields: { battery: 97, voltage: 2915 },
        opening: 'closed',
      },
    ],
    [
      'a window without numbers',
      '{"window":"open","tamper":false}',
      { kind: 'json', text: '{"window":"open","tamper":false}', opening: 'open' },
    ],
    [
      'the state of a lock of a door, which is no door',
      '{"battery":97,"door_lock":true,"state":"LOCK"}',
      {
        kind: 'json',
        text: '{"battery":97,"door_lock":true,"state":"LOCK"}',
        fields: { battery: 97 },
        state: 'LOCK',
      },
    ],
    [
      'a description beside numbers, which is no state',
      '{"status":"a sentence of more than one word","n":1}',
      { kind: 'json', text: '{"status":"a sentence of more than one word","n":1}', fields: { n: 1 } },
    ],
    ['an array', '[1,2]', { kind: 'json', text: '[1,2]' }],
    ['null', 'null', { kind: 'json', text: 'null' }],
    ['a number that is too large', '1e999', { kind: 'text', text: 'Infinity' }],
    ['nothing', '', { kind: 'empty', text: '' }],
    ['almost JSON', '{"value":', { kind: 'text', text: '{"value":' }],
  ];
  for (const [what, payload, wanted] of cases) {
    it(`sees ${what}`, () => assert.deepEqual(of(payload), wanted));
  }

  it('reads at once only what describing reads as the same number', () => {
    for (const text of [
      '21.5',
      '-3',
      '0',
      '1e3',
      '{"value":22.1,"unit":"°C"}',
      '{"value":5}',
      '{"value":-0.5}',
    ]) {
      assert.equal(quickNumber(Buffer.from(text)), of(text).number, text);
    }
    for (const text of [
      '',
      '007',
      '0x10',
      '1e999',
      '-',
      '2026-11-25',
      '{"value":"5"}',
      '{"value":true}',
      '{"valu',
      '{}',
    ]) {
      assert.equal(quickNumber(Buffer.from(text)), undefined, text);
    }
  });

  it('finds the numbers in an object, bounded, and no odd names', () => {
    const many = Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`n${i}`, i]));
    assert.equal(Object.keys(of(JSON.stringify(many)).fields ?? {}).length, MAX_FIELDS);
    assert.equal(of('{"__proto__":5}').fields, undefined);
  });

  it('finds what is on or off in an object, in its own words, bounded, and no odd names', () => {
    const states = (payload: unknown) => statesIn(Buffer.from(JSON.stringify(payload)));
    assert.deepEqual(
      states({ battery: 81, contact: false, state: 'OPEN', action: 'single', a: { on: true } }),
      {
        ...{ contact: 'false', state: 'OPEN', 'a.on': 'true' },
      },
    );
    const many = Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`n${i}`, true]));
    assert.equal(Object.keys(states(many)).length, MAX_FIELDS);
    for (const payload of ['{"__proto__":true}', '[true]', 'null', '{"a":tr', ''])
      assert.deepEqual(statesIn(Buffer.from(payload)), {}, payload);
    assert.deepEqual(states({ contact: false, long: 'x'.repeat(10_000) }), {});
  });

  it('sees a picture by its first bytes, and takes SVG for text', () => {
    const jpeg = Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0xe0]), Buffer.alloc(20)]);
    assert.equal(of(jpeg).mime, 'image/jpeg');
    assert.equal(of('<svg onload="alert(1)"/>').kind, 'text');
  });

  it('shows bytes that are no text as bytes', () => {
    assert.deepEqual(of(Buffer.from([0xff, 0xfe, 0x00])), { kind: 'binary', text: 'fffe00' });
  });

  it('shows what was cut in the middle of a character as the text that it is', () => {
    const bytes = Buffer.from('grüße '.repeat(100));
    for (let kept = 20; kept < 40; kept++)
      assert.equal(describeValue(bytes.subarray(0, kept), bytes.length).kind, 'text');
  });

  it('replaces control and bidirectional characters, and is short', () => {
    assert.equal(of('a\u0000\u202eb').text, 'a\ufffd\ufffdb');
    assert.ok(of('x'.repeat(5_000)).text.length <= MAX_PREVIEW + 1);
  });
});
