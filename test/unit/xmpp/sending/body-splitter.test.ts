import assert from 'node:assert/strict';
import fc from 'fast-check';
import { SendError } from '../../../../src/xmpp/send-error';
import { BODY_BYTES, splitBody, wireBytes } from '../../../../src/xmpp/sending/body-splitter';

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
