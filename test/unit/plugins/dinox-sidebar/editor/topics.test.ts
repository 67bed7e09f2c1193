import assert from 'node:assert/strict';
import {
  age,
  bytes,
  csvField,
  fileName,
  number,
  visible,
  visibleLines,
} from '../../../../../src/editor/format';
import { bridgeOf, isStale, type Row, rateOf } from '../../../../../src/plugins/dinox-sidebar/editor/rows';
import { arrange, groupOf } from '../../../../../src/plugins/dinox-sidebar/editor/topics/arrange';
import { searchFor } from '../../../../../src/plugins/dinox-sidebar/editor/topics/topic-search';
import { buildTree, treeLines } from '../../../../../src/plugins/dinox-sidebar/editor/topics/tree';

const NOW = 1_000_000_000;

function row(topic: string, more: Partial<Row> = {}): Row {
  return {
    topic,
    kind: 'number',
    text: '1',
    number: 1,
    retained: false,
    qos: 0,
    at: NOW,
    count: 10,
    rate: 0,
    every: 0,
    bytes: 1,
    ...more,
  };
}

describe('sidebar: search', () => {
  const cases: [string, string, boolean][] = [
    ['', 'a/b', true],
    ['kitchen', 'home/Kitchen/light', true],
    ['kitchen temp', 'home/temperature/kitchen', true],
    ['kitchen temp', 'home/kitchen/light', false],
    ['home/+/light', 'home/kitchen/light', true],
    ['home/+/light', 'home/kitchen/light/set', false],
    ['home/#', 'home', true],
    ['home/#', 'homes/x', false],
    ['#', '$SYS/uptime', false],
    ['/kit.*t$/', 'home/kitchen/light', true],
    ['/kit.*t$/', 'home/kitchen/lights', false],
    ['/kitchen', 'home/kitchen', true],
    ['c++', 'lib/c++/x', true],
  ];
  for (const [text, topic, wanted] of cases) {
    it(`${JSON.stringify(text)} ${wanted ? 'finds' : 'does not find'} ${topic}`, () =>
      assert.equal(searchFor(text).matches(topic), wanted));
  }

  it('names an expression that is none, and shows everything meanwhile', () => {
    const search = searchFor('/[/');
    assert.deepEqual([search.fault, search.matches('a')], [true, true]);
  });
});

describe('sidebar: tree', () => {
  const lines = (topics: string[], open: (path: string) => boolean = () => true) =>
    treeLines(buildTree(topics), ({ path }) => open(path)).map(
      ({ label, depth, branch }) => `${'  '.repeat(depth)}${label} ${branch.topics}`,
    );

  it('joins levels that hold nothing but one other, and counts topics', () => {
    assert.deepEqual(lines(['home/sensors/temp/a', 'home/sensors/temp/b', 'home/sensors/door', 'x']), [
      'home/sensors 3',
      '  door 1',
      '  temp 2',
      '    a 1',
      '    b 1',
      'x 1',
    ]);
  });

  it('keeps a topic that has topics below it as a line of its own', () => {
    assert.deepEqual(lines(['a', 'a/b']), ['a 2', '  b 1']);
  });

  it('shows nothing of a closed branch, and sorts numbers as numbers', () => {
    assert.deepEqual(
      lines(['r/10', 'r/9'], () => false),
      ['r 2'],
    );
    assert.deepEqual(lines(['r/10', 'r/9']), ['r 2', '  9 1', '  10 1']);
  });

  it('takes empty levels, odd names and a depth of a thousand', () => {
    assert.deepEqual(lines(['/a', '/b']), ['/ 2', '  a 1', '  b 1']);
    assert.deepEqual(lines(['__proto__/x', 'constructor']), ['__proto__/x 1', 'constructor 1']);
    assert.ok(lines([Array(1_000).fill('l').join('/')]).length >= 1);
  });
});

describe('sidebar: tiles', () => {
  const topics = (...args: Parameters<typeof arrange>) =>
    arrange(...args).map(({ heading, rows }) => [heading, rows.map(({ topic }) => topic)]);
  const all = (): boolean => true;

  it('puts the pinned ones first', () => {
    const rows = [row('a'), row('b'), row('c')];
    assert.deepEqual(topics(rows, all, new Set(['b']), 'name', 'none', NOW, 'Pinned'), [
      ['Pinned', ['b']],
      ['', ['a', 'c']],
    ]);
  });

  it('groups by path and by last level', () => {
    const rows = [row('home/temp/kitchen'), row('home/light/kitchen'), row('home/temp/bath')];
    assert.deepEqual(topics(rows, all, new Set(), 'name', 'last', NOW, ''), [
      ['bath', ['home/temp/bath']],
      ['kitchen', ['home/light/kitchen', 'home/temp/kitchen']],
    ]);
    assert.equal(groupOf('home/temp/kitchen', 'path'), 'home/temp');
    assert.equal(groupOf('alone', 'path'), '/');
  });

  it('sorts by what is busy, new, and silent', () => {
    const rows = [
      row('slow', { at: NOW - 3_600_000, every: 60_000 }),
      row('busy', { rate: 500, at: NOW - 10 }),
      row('new', { at: NOW }),
    ];
    const first = (sort: 'active' | 'newest' | 'stale') =>
      arrange(rows, all, new Set(), sort, 'none', NOW, '')[0]?.rows[0]?.topic;
    assert.deepEqual([first('active'), first('newest'), first('stale')], ['busy', 'new', 'slow']);
  });

  it('leaves out what was cleared', () => {
    assert.deepEqual(topics([row('a', { kind: 'empty' })], all, new Set(), 'name', 'none', NOW, ''), []);
  });
});

describe('sidebar: rows', () => {
  it('calls silent what used to come and does not, and nothing else', () => {
    assert.equal(isStale(row('a', { every: 10_000, at: NOW - 61_000 }), NOW), true);
    assert.equal(isStale(row('a', { every: 10_000, at: NOW - 50_000 }), NOW), false);
    assert.equal(isStale(row('a', { every: 3_600_000, at: NOW - 4 * 3_600_000 }), NOW), false);
    assert.equal(isStale(row('a', { every: 10_000, count: 2, at: 0 }), NOW), false);
  });

  it('lets a rate fall by itself', () => {
    assert.equal(rateOf(row('a', { rate: 60, at: NOW - 30_000 }), NOW), 30);
    assert.equal(rateOf(row('a', { rate: 60, at: NOW - 300_000 }), NOW), 0);
  });

  it('takes the usual pause of a sensor for no gap', () => {
    assert.ok(bridgeOf(row('a', { every: 600_000 })) >= 1_800_000);
    assert.equal(bridgeOf(row('a', { every: 600_000 })), bridgeOf(row('a', { every: 601_000 })));
  });
});

describe('sidebar: words', () => {
  const say = (key: string, values: Record<string, unknown> = {}) => `${values.n ?? ''}${key}`;

  it('shows every character of a text from outside, and not all of a long one', () => {
    assert.equal(visible('a\u202eb\u0000c\u200bd'), 'a\ufffdb\ufffdc\ufffdd');
    assert.equal(visible('x'.repeat(1_000_000)).length, 301);
    assert.equal(visibleLines('a\r\nb\u0007'), 'a\nb\ufffd');
  });

  it('writes numbers, ages and sizes short', () => {
    assert.deepEqual(
      [number(21.123456789), number(0), number(1e12), number(-0.5)],
      ['21.1235', '0', '1.000e+12', '-0.5'],
    );
    assert.deepEqual(
      [age(500, say), age(65_000, say), age(90_000_000, say)],
      ['age.now', '1age.min', '1age.d'],
    );
    assert.deepEqual([bytes(999), bytes(1_500), bytes(2_500_000)], ['999 B', '1.5 kB', '2.5 MB']);
  });

  it('writes CSV that no spreadsheet takes for a formula', () => {
    assert.deepEqual(
      [csvField('=cmd()'), csvField('a,"b"'), csvField(null), csvField(1)],
      ["'=cmd()", '"a,""b"""', '', '1'],
    );
  });

  it('makes a file name of any topic', () => {
    assert.deepEqual([fileName('home/../x', 'csv'), fileName('///', 'png')], ['home-..-x.csv', 'topic.png']);
  });
});
