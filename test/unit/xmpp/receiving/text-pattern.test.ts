import assert from 'node:assert/strict';
import type { PatternType } from '../../../../src/xmpp/receiving/pattern-syntax';
import { compilePattern, type PatternError, spokenTo } from '../../../../src/xmpp/receiving/text-pattern';

const match = (pattern: string, type: PatternType, text: string) => compilePattern(pattern, type).match(text);

describe('patterns of messages', () => {
  it('text: what the message holds, in whatever case', () => {
    assert.ok(match('Status', 'text', 'the STATUS please'));
    assert.ok(match('äpfel', 'text', 'A\u0308pfel'));
    assert.equal(match('status', 'text', 'stat us'), undefined);
    assert.ok(match('a.c', 'text', 'a.c'));
    assert.equal(match('a.c', 'text', 'abc'), undefined);
  });

  it('wildcard: the whole message', () => {
    assert.deepEqual(match('set * to *', 'wildcard', 'Set Boiler to 80 °C'), [
      'Set Boiler to 80 °C',
      'Boiler',
      '80 °C',
    ]);
    assert.ok(match('status', 'wildcard', ' Status '));
    assert.equal(match('status', 'wildcard', 'status now'), undefined);
    assert.ok(match('status*', 'wildcard', 'status'));
    assert.ok(match('l?mp', 'wildcard', 'L🔥mp'));
    assert.equal(match('l?mp', 'wildcard', 'lmp'), undefined);
    assert.deepEqual(match('*', 'wildcard', ''), ['', '']);
    assert.deepEqual(match('*b*', 'wildcard', 'aabaab'), ['aabaab', 'aa', 'aab']);
    assert.ok(match('İ*', 'wildcard', 'İx'));
  });

  it('regular expression, with groups and flags', () => {
    assert.deepEqual(match('^set (\\w+)( now)?$', 'regex', 'set x'), ['set x', 'x', '']);
    assert.equal(match('^status$', 'regex', 'STATUS'), undefined);
    assert.ok(match('/^status$/i', 'regex', 'STATUS'));
    const pattern = compilePattern('/a/g', 'regex');
    assert.ok(pattern.match('a') && pattern.match('a'), 'the second time too');
  });

  it('says what cannot be read', () => {
    for (const [pattern, type] of [
      ['(', 'regex'],
      ['/a/qq', 'regex'],
      ['x'.repeat(3_000), 'text'],
    ] as const) {
      assert.throws(
        () => compilePattern(pattern, type),
        (error: PatternError) => error.code === 'syntax',
      );
    }
  });

  it('no text takes for ever', () => {
    const evil = compilePattern('^(a+)+$', 'regex');
    assert.throws(
      () => evil.match(`${'a'.repeat(5_000)}b`),
      (error: PatternError) => error.code === 'time',
    );
    assert.deepEqual(evil.match('aaa'), ['aaa', 'aaa'], 'and the next one is read');
    const stars = compilePattern('*a'.repeat(500), 'wildcard');
    assert.equal(stars.match(`${'a'.repeat(499)}${'b'.repeat(9_000)}`), undefined);
  });
});

describe('being spoken to', () => {
  it('takes the nick away', () => {
    for (const text of [
      'bot: status',
      'Bot, status',
      '@bot status',
      ' bot status',
      'bot:status',
      '@bot: status',
    ]) {
      assert.equal(spokenTo(text, 'bot'), 'status', text);
    }
    assert.equal(spokenTo('bot', 'bot'), '');
    assert.equal(spokenTo('Häuser Bot: an', 'häuser bot'), 'an');
  });

  it('is not when somebody else is meant', () => {
    for (const text of ['botany is fun', 'bot-2: status', 'the bot: status', 'anna: status', '']) {
      assert.equal(spokenTo(text, 'bot'), undefined, text);
    }
    assert.equal(spokenTo('anything', ''), undefined);
  });
});
