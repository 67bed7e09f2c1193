import assert from 'node:assert/strict';
import { quote } from '../../../src/base/printable';
import { checkFilter, checkTopic } from '../../../src/topics/check';
import { InputError } from '../../../src/topics/errors';
import { hasWildcard, matchingPart, parseShared } from '../../../src/topics/filter';

/** What is wrong, its code, and what the message must name. */
type Bad = [label: string, value: unknown, code: string, ...says: RegExp[]];

function refuses(check: (value: unknown) => void, rows: Bad[]): void {
  for (const [label, value, code, ...says] of rows) {
    it(`${label}: ${code}`, () => {
      assert.throws(
        () => check(value),
        (error: unknown) => {
          assert.ok(error instanceof InputError);
          assert.equal(error.code, code);
          for (const say of says) assert.match(error.message, say);
          assert.ok(error.message.length < 300, error.message);
          return true;
        },
      );
    });
  }
}

const notText: Bad[] = [
  [
    'undefined',
    undefined,
    'topic-type',
    /must be text, but it is missing\. Set it in the node( or in msg\.topic)?\./,
  ],
  ['null', null, 'topic-type', /null/],
  ['an array', ['a', 'b'], 'topic-type', /an array/],
  ['a number', 7, 'topic-type', /of type number/],
  ['a symbol', Symbol('a'), 'topic-type', /of type symbol/],
  ['an object', { topic: 'a' }, 'topic-type', /of type object/],
  ['empty', '', 'topic-empty', /is empty/, /Set it/],
  ['a lone surrogate', 'a/\ud800', 'topic-surrogate', /lone surrogate/, /remove it/],
  ['65,536 bytes', 'a'.repeat(65_536), 'topic-long', /65536 bytes/, /allows 65535/, /Shorten it/],
  ['65,536 bytes in fewer characters', 'ä'.repeat(32_768), 'topic-long', /65536 bytes/],
];

describe('checkTopic', () => {
  const good = [
    'a',
    '/',
    'a//b',
    ' ',
    'home/Küche/€/🌡',
    '$SYS/x',
    'a'.repeat(65_535),
    'ä'.repeat(32_767),
    'a\u0001b',
  ];
  for (const topic of good)
    it(`takes ${topic.slice(0, 20)}`, () => assert.doesNotThrow(() => checkTopic(topic)));

  refuses(checkTopic, [
    ...notText,
    ['U+0000', 'a\0b', 'topic-control', /"a\ufffdb"/, /remove it/],
    ['a line feed', 'a\n', 'topic-control', /control character/],
    ['a tab', '\ta', 'topic-control'],
    ['a carriage return', 'a\r', 'topic-control'],
    ['+', 'home/+/x', 'topic-wildcard', /"home\/\+\/x"/, /whole topic/],
    ['#', 'home/#', 'topic-wildcard'],
    ['# inside a level', 'a#b', 'topic-wildcard'],
  ]);
});

describe('checkFilter', () => {
  it('kind: advice that cannot be followed here. Names the place where it can be set', () => {
    assert.throws(() => checkFilter(''), /is empty\. Set it in the node\.$/);
    assert.throws(() => checkFilter('', 'msg.topic'), /is empty\. Set it in msg\.topic\.$/);
  });

  const good = [
    '#',
    '+',
    '+/#',
    '/#',
    'a//+',
    'a/b',
    '$SYS/#',
    '$share/g/a',
    '$share/g/#',
    '$share/g/+/x',
    '$share/g//',
    '$shared/x',
    'a'.repeat(65_535),
  ];
  for (const filter of good)
    it(`takes ${filter.slice(0, 20)}`, () => assert.doesNotThrow(() => checkFilter(filter)));

  refuses(checkFilter, [
    ...notText,
    ['U+0000', 'a/\0', 'topic-control', /U\+0000/],
    ['# before the end', 'home/#/x', 'filter-hash', /"home\/#\/x"/, /last level/, /home\/#/],
    ['# with other characters', 'home/x#', 'filter-hash'],
    ['## ', '##', 'filter-hash'],
    ['+ with other characters', 'home/x+/y', 'filter-plus', /"home\/x\+\/y"/, /alone in its level/],
    ['++', '++', 'filter-plus'],
    ['$share alone', '$share', 'filter-share', /\$share\/<group>\/<filter>/],
    ['$share without a group', '$share//x', 'filter-share'],
    ['$share without a filter', '$share/g', 'filter-share'],
    ['$share with an empty filter', '$share/g/', 'filter-share'],
    ['$share with a wildcard for the group', '$share/+/x', 'filter-share'],
    ['$share with # for the group', '$share/#', 'filter-share'],
  ]);
});

describe('shared subscriptions', () => {
  it('come apart into group and filter', () => {
    assert.deepEqual(parseShared('$share/g/a/b'), { group: 'g', filter: 'a/b' });
    assert.deepEqual(parseShared('$share/g//x'), { group: 'g', filter: '/x' });
    assert.equal(parseShared('a/b'), undefined);
    assert.equal(parseShared('$share'), undefined);
    assert.equal(parseShared('$share/g'), undefined);
  });

  it('match as the filter behind the group', () => {
    assert.equal(matchingPart('$share/g/a/#'), 'a/#');
    assert.equal(matchingPart('a/#'), 'a/#');
  });
});

describe('hasWildcard', () => {
  it('sees both', () => {
    assert.deepEqual(['a/+', '#', 'a/b'].map(hasWildcard), [true, true, false]);
  });
});

describe('quote', () => {
  it('shows at most 60 characters and nothing that breaks a line', () => {
    assert.equal(quote('a\nb\u0085'), '"a\ufffdb\ufffd"');
    assert.equal(quote('a'.repeat(60)), `"${'a'.repeat(60)}"`);
    assert.equal(quote('a'.repeat(61)), `"${'a'.repeat(60)}…"`);
    assert.equal(quote(`${'a'.repeat(59)}🌡`), `"${'a'.repeat(59)}\ufffd…"`);
  });
});
