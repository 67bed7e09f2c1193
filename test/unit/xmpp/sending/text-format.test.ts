import assert from 'node:assert/strict';
import fc from 'fast-check';
import { SendError } from '../../../../src/xmpp/send-error';
import { cutUtf8, formatText, readable } from '../../../../src/xmpp/sending/text-format';

describe('formats', () => {
  it('payload, full and short', () => {
    assert.equal(formatText('21', 'home/temp', 'payload'), '21');
    assert.equal(formatText('21', 'home/temp', 'full'), 'MQTT [home/temp]\n21');
    assert.equal(formatText('21', 'home/temp', 'short'), '[home/temp] 21');
    for (const topic of [undefined, '', 7]) assert.equal(formatText('21', topic, 'full'), '21');
    assert.equal(formatText('x', 'two\nlines', 'short'), '[two lines] x');
  });

  it('short has at most 200 bytes and ends at a character', () => {
    const text = formatText('ä😀'.repeat(200), 'home/temp', 'short');
    assert.ok(Buffer.byteLength(text) <= 200 && Buffer.byteLength(text) > 190, text);
    assert.ok(text.startsWith('[home/temp] ä😀') && text.endsWith('…') && !text.includes('\uFFFD'));
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.integer({ min: 3, max: 50 }), (raw, bytes) => {
        const cut = cutUtf8(raw, bytes);
        assert.ok(Buffer.byteLength(cut) <= bytes);
        assert.ok(cut === raw || (raw.startsWith(cut.slice(0, -1)) && cut.endsWith('…')));
      }),
    );
  });

  it('values as people read them', () => {
    assert.equal(readable(22.1, '°C'), '22.1 °C');
    assert.equal(readable({ value: 22.1, unit: '°C' }), '22.1 °C');
    assert.equal(readable({ value: true }), 'true');
    assert.equal(readable({ text: 'Too warm', value: 31 }), 'Too warm');
    assert.equal(readable({ value: 1, battery: 80 }), '{\n  "value": 1,\n  "battery": 80\n}');
    assert.equal(readable([1, 'a']), '[\n  1,\n  "a"\n]');
    assert.equal(readable(false), 'false');
    assert.equal(readable(10n ** 20n), '100000000000000000000');
    assert.equal(readable(new Date(0)), '1970-01-01T00:00:00.000Z');
    assert.equal(readable(''), '');
  });

  it('deep JSON is not indented: its blanks would be a thousand times as long', () => {
    const nested = (depth: number) => JSON.parse(`${'['.repeat(depth)}"[\\\\\\"["${']'.repeat(depth)}`);
    assert.ok(readable(nested(30)).includes('\n'));
    const deep = nested(4_000);
    assert.equal(readable(deep), JSON.stringify(deep));
    assert.ok(readable({ text2: '[{'.repeat(100) }).includes('\n'), 'brackets in a text are none');
  });

  it('what cannot become text', () => {
    const circle: Record<string, unknown> = {};
    circle.self = circle;
    const cases: [unknown, string][] = [
      [undefined, 'payload-missing'],
      [null, 'payload-missing'],
      [Symbol('x'), 'payload-type'],
      [() => 1, 'payload-type'],
      [circle, 'payload-json'],
      [{ big: 1n }, 'payload-json'],
      [{ toJSON: () => undefined }, 'payload-json'],
    ];
    for (const [payload, code] of cases) {
      assert.throws(
        () => readable(payload),
        (error: unknown) => error instanceof SendError && error.code === code,
        code,
      );
    }
  });
});
