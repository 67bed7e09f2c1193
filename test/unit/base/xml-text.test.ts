import assert from 'node:assert/strict';
import fc from 'fast-check';
import { xmlText } from '../../../src/base/xml-text';

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
