import assert from 'node:assert/strict';
import fc from 'fast-check';
import { xmlText } from '../../../../src/base/xml-text';
import { SendError } from '../../../../src/xmpp/send-error';
import { BODY_BYTES, splitBody, wireBytes } from '../../../../src/xmpp/sending/body-splitter';
import { messageStanza, type Outgoing } from '../../../../src/xmpp/sending/message-stanza';
import { cutUtf8, formatText, readable } from '../../../../src/xmpp/sending/text-format';
import type { Xml } from '../../../../src/xmpp/stanzas';

/** XML 1.0 §2.2, written as the standard has it. */
function isChar(point: number): boolean {
  return (
    point === 9 ||
    point === 10 ||
    point === 13 ||
    (point >= 0x20 && point <= 0xd7ff) ||
    (point >= 0xe000 && point <= 0xfffd) ||
    (point >= 0x10000 && point <= 0x10ffff)
  );
}

const anyText = fc
  .array(
    fc.oneof(
      fc.integer({ min: 0, max: 0xffff }),
      fc.constantFrom(0, 9, 10, 13, 0xd800, 0xdc00, 0xfffe, 0xffff),
    ),
    {
      maxLength: 300,
    },
  )
  .map((units) => String.fromCharCode(...units));

describe('text that XML can carry', () => {
  it('every code point: what the standard forbids, and nothing else, becomes U+FFFD and is counted', () => {
    for (let point = 0; point <= 0x10ffff; point++) {
      const raw = String.fromCodePoint(point);
      const expected = point === 13 ? '\n' : isChar(point) ? raw : '\uFFFD';
      const { text, replaced } = xmlText(raw);
      if (text !== expected || replaced !== (isChar(point) ? 0 : 1)) assert.fail(`U+${point.toString(16)}`);
    }
  });

  it('halves of surrogate pairs, in any company', () => {
    assert.deepEqual(xmlText('a\ud83db\ude00c\ud83d\ude00\ud83d'), {
      text: 'a\uFFFDb\uFFFDc😀\uFFFD',
      replaced: 3,
    });
    fc.assert(
      fc.property(anyText, (raw) => {
        const { text } = xmlText(raw);
        assert.ok(text.isWellFormed());
        assert.ok([...text].every((char) => isChar(char.codePointAt(0) ?? 0)));
        assert.deepEqual(xmlText(text), { text, replaced: 0 });
      }),
    );
  });

  it('line ends become what a parser makes of them', () => {
    assert.deepEqual(xmlText('a\r\nb\rc\nd'), { text: 'a\nb\nc\nd', replaced: 0 });
  });
});

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

describe('splitting a body', () => {
  it('what fits stays whole, to the byte', () => {
    assert.deepEqual(splitBody('x'.repeat(BODY_BYTES)), ['x'.repeat(BODY_BYTES)]);
    assert.equal(splitBody('x'.repeat(BODY_BYTES + 1)).length, 2);
    assert.equal(splitBody('<'.repeat(BODY_BYTES / 4)).length, 1);
    assert.equal(splitBody('<'.repeat(BODY_BYTES / 4 + 1)).length, 2);
  });

  it('at a paragraph, else a line, else a word, else between two characters', () => {
    const sixty = 'a'.repeat(60);
    assert.deepEqual(splitBody(`${sixty}\n\nb b\nc d ${sixty}`, 100), [
      `(1/2) ${sixty}`,
      `(2/2) b b\nc d ${sixty}`,
    ]);
    assert.deepEqual(splitBody(`${sixty}\nb b c d ${sixty}`, 100), [
      `(1/2) ${sixty}`,
      `(2/2) b b c d ${sixty}`,
    ]);
    assert.deepEqual(splitBody(`${sixty} b ${sixty}`, 100), [`(1/2) ${sixty} b`, `(2/2) ${sixty}`]);
    assert.deepEqual(
      splitBody(`a ${'b'.repeat(150)}`, 100).map((part) => part.length),
      [90, 74],
      'not at the first word, which would make a tiny part',
    );
    const parts = splitBody('😀'.repeat(50), 100);
    assert.equal(parts.map((part) => part.replace(/^\(\d+\/\d+\) /, '')).join(''), '😀'.repeat(50));
  });

  it('any text: every part fits, and only white space is lost at the cuts', () => {
    const words = fc.array(fc.constantFrom('wort', '\n\n', '\n', ' ', 'ä', '😀', '&<>', 'lang'.repeat(9)), {
      maxLength: 120,
    });
    fc.assert(
      fc.property(words, (list) => {
        const text = list.join('');
        const parts = splitBody(text, 120);
        for (const part of parts) assert.ok(wireBytes(part) <= 120, part);
        const bare = (one: string) => one.replace(/\s+/g, '');
        const joined = parts.map((part) => (parts.length === 1 ? part : part.slice(part.indexOf(' ') + 1)));
        assert.equal(bare(joined.join('')), bare(text));
      }),
    );
  });

  it('refuses what nobody could read', () => {
    assert.throws(
      () => splitBody('x'.repeat(21 * BODY_BYTES)),
      (error: unknown) => error instanceof SendError && error.code === 'payload-large',
    );
  });
});

describe('message stanzas', () => {
  let xml: Xml;
  before(async () => {
    ({ xml } = await import('@xmpp/client'));
  });
  const made = (more: Partial<Outgoing>): string =>
    messageStanza(xml, { id: 'i1', to: 'anna@example.org', kind: 'chat', ...more }).toString();

  it('a plain one: id and origin-id', () => {
    assert.equal(
      made({ body: 'a < b' }),
      '<message to="anna@example.org" type="chat" id="i1"><body>a &lt; b</body><origin-id xmlns="urn:xmpp:sid:0" id="i1"/></message>',
    );
  });

  it('receipt and marker are asked of persons and for bodies only', () => {
    const asks = /<request xmlns="urn:xmpp:receipts"\/><markable xmlns="urn:xmpp:chat-markers:0"\/>/;
    assert.match(made({ body: 'x', receipt: true }), asks);
    assert.doesNotMatch(made({ body: 'x', receipt: true, kind: 'groupchat' }), /receipts|markers/);
    assert.doesNotMatch(made({ chatState: 'composing', receipt: true }), /receipts|markers/);
  });

  it('correction, thread, subject, state, hints and file', () => {
    const text = made({
      body: 'https://x.example/a.png',
      subject: 'S',
      thread: 't1',
      replaces: 'old',
      chatState: 'active',
      hints: ['no-store', 'urgent', 'no-store'],
      file: { url: 'https://x.example/a.png' },
    });
    for (const part of [
      '<subject>S</subject><body>https://x.example/a.png</body><thread>t1</thread>',
      '<replace xmlns="urn:xmpp:message-correct:0" id="old"/>',
      '<x xmlns="jabber:x:oob"><url>https://x.example/a.png</url></x>',
      '<active xmlns="http://jabber.org/protocol/chatstates"/>',
      '<header name="Urgency">high</header></headers><attention xmlns="urn:xmpp:attention:0"/>',
    ]) {
      assert.ok(text.includes(part), part);
    }
    assert.equal(text.split('no-store').length, 2);
  });
});
