import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parseDuration } from '../../../../src/base/duration';
import { publishProperties, userProperties } from '../../../../src/runtime/config/mqtt5-properties';
import {
  duration,
  flag,
  type Problem,
  parsedObject,
  trimmed,
  whole,
} from '../../../../src/runtime/config/raw-fields';

describe('raw fields', () => {
  it('text is trimmed, numbers are text, all else is none', () => {
    assert.deepEqual([' a ', 7, 0, undefined, null, true, {}, []].map(trimmed), [
      'a',
      '7',
      '0',
      '',
      '',
      '',
      '',
      '',
    ]);
  });

  it('a flag is true, false, or what is missing', () => {
    for (const fallback of [true, false]) {
      assert.deepEqual(
        [true, 'true', false, 'false'].map((value) => flag(value, fallback)),
        [true, true, false, false],
      );
      for (const value of [undefined, null, '', 1, 0, 'yes', 'on'])
        assert.equal(flag(value, fallback), fallback);
    }
  });

  it('a whole number keeps to its range and falls back with a problem', () => {
    const read = (value: unknown) => {
      const problems: Problem[] = [];
      return [whole(value, 'rate', 5, problems), problems.length];
    };
    for (const [value, found] of [
      [1, 1],
      ['10', 10],
      [' 7 ', 7],
      ['', 5],
      [undefined, 5],
      ['1e1', 10],
    ] as const)
      assert.deepEqual(read(value), [found, 0]);
    for (const value of [0, 6_001, '1.5', 'x', '-1', 'Infinity', '7x'])
      assert.deepEqual(read(value), [5, 1], String(value));
  });

  const durations: [typed: string, ms: number | undefined][] = [
    ['30s', 30_000],
    ['5m', 300_000],
    ['1h30m', 5_400_000],
    ['1h 30m', 5_400_000],
    ['2d', 172_800_000],
    ['500ms', 500],
    ['1.5h', 5_400_000],
    ['90', 90_000],
    ['0', 0],
    [' 1H ', 3_600_000],
    ['', undefined],
    ['h', undefined],
    ['1', 1_000],
    ['-1s', undefined],
    ['1y', undefined],
    ['1h30', undefined],
    ['1,5h', 5_400_000],
    ['1,5', 1_500],
    ['1,h', undefined],
    ['1h x', undefined],
  ];
  for (const [typed, ms] of durations)
    it(`duration "${typed}" is ${ms} ms`, () => assert.equal(parseDuration(typed), ms));

  it('a duration that is none is a problem', () => {
    const problems: Problem[] = [];
    assert.equal(duration('soon', 'f', 7, problems), 7);
    assert.deepEqual(
      problems.map(({ field }) => field),
      ['f'],
    );
    assert.equal(duration('', 'f', 7, problems), 7);
    assert.equal(problems.length, 1);
  });

  it('a long text that is no duration costs no time', () => {
    const begin = performance.now();
    parseDuration(`${'1'.repeat(50_000)}x`);
    parseDuration(`${'1s '.repeat(20_000)}x`);
    parseDuration(`1${' '.repeat(50_000)}x`);
    assert.ok(performance.now() - begin < 1_000);
  });

  it('an object, or JSON of one', () => {
    assert.deepEqual(parsedObject({ a: 1 }), { a: 1 });
    assert.deepEqual(parsedObject(' {"a": 1}'), { a: 1 });
    for (const value of ['[1]', '{', 'x', '', 7, null, undefined])
      assert.equal(parsedObject(value), undefined);
  });
});

describe('user properties', () => {
  it('text as it is, all else as JSON, nothing for nothing', () => {
    assert.deepEqual(userProperties({ a: 'x', b: 1, c: true, d: { e: [1] }, f: null, g: undefined, h: '' }), {
      a: 'x',
      b: '1',
      c: 'true',
      d: '{"e":[1]}',
      h: '',
    });
    for (const value of [undefined, null, 'x', 7, {}, { a: undefined }])
      assert.equal(userProperties(value), undefined);
  });

  it('what JSON cannot say is left out', () => {
    const circle: Record<string, unknown> = {};
    circle.self = circle;
    assert.deepEqual(userProperties({ a: 'x', circle, big: 1n, f: () => {}, s: Symbol('s') }), { a: 'x' });
  });

  it('a name of JavaScript’s own does no harm', () => {
    const pairs = userProperties(JSON.parse('{"__proto__":"x","constructor":"y"}'));
    assert.deepEqual(Object.entries(pairs ?? {}), [
      ['__proto__', 'x'],
      ['constructor', 'y'],
    ]);
    assert.equal(({} as Record<string, unknown>).x, undefined);
  });
});

describe('publish properties', () => {
  const one = (name: string, value: unknown) =>
    publishProperties({ [name]: value })?.[name as 'contentType'] as unknown;
  const table: [name: string, value: unknown, found: unknown][] = [
    ['responseTopic', 'a/b', 'a/b'],
    ['responseTopic', '', undefined],
    ['responseTopic', 7, undefined],
    ['contentType', 'text/plain', 'text/plain'],
    ['contentType', {}, undefined],
    ['correlationData', 'x', Buffer.from('x')],
    ['correlationData', '', undefined],
    ['correlationData', Buffer.from([1]), Buffer.from([1])],
    ['correlationData', new Uint8Array([1, 2]), Buffer.from([1, 2])],
    ['correlationData', [1, 2], Buffer.from([1, 2])],
    ['correlationData', { type: 'Buffer', data: [1, 2] }, Buffer.from([1, 2])],
    ['correlationData', 7, undefined],
    ['correlationData', null, undefined],
    ['messageExpiryInterval', 60, 60],
    ['messageExpiryInterval', '60', 60],
    ['messageExpiryInterval', 0, 0],
    ['messageExpiryInterval', -1, undefined],
    ['messageExpiryInterval', 0xffff_ffff, 0xffff_ffff],
    ['messageExpiryInterval', 0x1_0000_0000, undefined],
    ['messageExpiryInterval', 'soon', undefined],
    ['topicAlias', '3', 3],
    ['topicAlias', 'x', undefined],
    ['payloadFormatIndicator', true, true],
    ['payloadFormatIndicator', 'false', false],
    ['payloadFormatIndicator', 1, undefined],
    ['userProperties', { a: 1 }, { a: '1' }],
    ['userProperties', 'x', undefined],
  ];
  for (const [name, value, found] of table) {
    it(`${name} ${JSON.stringify(value)}`, () => assert.deepEqual(one(name, value), found));
  }

  it('none at all', () => {
    assert.equal(publishProperties({}), undefined);
    assert.equal(publishProperties({ qos: 1, payload: 'x' }), undefined);
  });

  it('never throw, whatever a message holds', () => {
    const names = [
      'responseTopic',
      'contentType',
      'correlationData',
      'messageExpiryInterval',
      'topicAlias',
      'payloadFormatIndicator',
      'userProperties',
    ];
    fc.assert(
      fc.property(
        fc.constantFrom(...names),
        fc.anything({
          withBigInt: true,
          withDate: true,
          withMap: true,
          withTypedArray: true,
          withNullPrototype: true,
        }),
        (name, value) => {
          publishProperties({ [name]: value });
        },
      ),
      { numRuns: 2_000 },
    );
  });
});
