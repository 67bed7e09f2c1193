import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import { isCritical, judgeFor } from '../../../src/alert/condition';
import { Deadlines, type Timed } from '../../../src/alert/deadlines';
import { showDuration, showValue } from '../../../src/alert/message-texts';
import { QuietHours } from '../../../src/alert/quiet-hours';
import { RateWindow } from '../../../src/alert/rate';
import { type Condition, type LimitSource, LimitsError, readyLimits } from '../../../src/alert/rules';
import { type Reading, type ReadOptions, readValue } from '../../../src/alert/sample-value';
import { matchesFilter } from '../../../src/alert/silences';
import type { Value } from '../../../src/alert/states';
import { parsePath, valueAt } from '../../../src/nodes/dinox-alert/message-path';
import { seeded } from '../../support/seeded';
import { plainTranslate } from './support';

describe('alert: reading a value', () => {
  const cases: [
    raw: unknown,
    expected: Value | NonNullable<Reading['why']>,
    options?: Partial<ReadOptions>,
  ][] = [
    [21.5, 21.5],
    [-0, -0],
    ['21.5', 21.5],
    [' -3 ', -3],
    ['1e3', 1_000],
    ['−4', -4],
    ['21,5', 'notNumber'],
    ['21,5', 21.5, { decimalComma: true }],
    ['1.234,5', 'notNumber', { decimalComma: true }],
    ['21.5 °C', 'notNumber'],
    ['21.5 °C', 21.5, { unit: '°C' }],
    ['21,5°C', 21.5, { unit: '°C', decimalComma: true }],
    ['0x10', 'notNumber'],
    ['Infinity', 'notNumber'],
    ['12 apples', 'notNumber'],
    ['', 'nothing'],
    ['   ', 'nothing'],
    ['unavailable', 'unavailable'],
    ['Unknown', 'unavailable'],
    ['NaN', 'unavailable'],
    [Number.NaN, 'notNumber'],
    [Number.POSITIVE_INFINITY, 'notNumber'],
    [null, 'nothing'],
    [undefined, 'nothing'],
    [true, 'notNumber'],
    [12n, 'notNumber'],
    [Symbol('s'), 'notNumber'],
    [[1], 'object'],
    [new Date(), 'object'],
    [Buffer.from('21'), 'object'],
    [{}, 'object'],
    [{ value: 22.1, unit: '°C' }, 22.1],
    [{ value: '22.1' }, 22.1],
    [{ state: '7' }, 7],
    [{ value: null, state: 7 }, 'nothing'],
    [{ value: { value: 1 } }, 'object'],
    ['{"value": 22.1, "unit": "°C"}', 22.1],
    ['{"value": 22.1', 'notNumber'],
    [Object.create({ value: 5 }), 'object'],
    ['9'.repeat(2_000), 'notNumber'],
    ['open', 'open', { numeric: false }],
    [{ state: 'open' }, 'open', { numeric: false }],
    [false, false, { numeric: false }],
    [5, 5, { numeric: false }],
    ['unavailable', 'unavailable', { numeric: false }],
    [{}, true, { numeric: false, any: true }],
    [null, 'nothing', { numeric: false, any: true }],
    // Kind: silence where something was lost. What is there is no missing data, however long or odd it is.
    ['x'.repeat(2_000), 'x'.repeat(2_000), { numeric: false }],
    ['x'.repeat(2_000), 'x'.repeat(2_000), { numeric: false, any: true }],
    [12n, '12', { numeric: false }],
    [12n, '12', { numeric: false, any: true }],
    [{ state: 12n }, '12', { numeric: false }],
    [`{"value":5,"more":"${'x'.repeat(2_000)}"}`, 5, {}],
    ['{"error":"E7"}', '{"error":"E7"}', { numeric: false }],
  ];
  for (const [raw, expected, options] of cases) {
    it(`${inspect(raw).slice(0, 40)} ${JSON.stringify(options ?? {})}`, () => {
      const { value, why } = readValue(raw, { numeric: true, ...options });
      assert.deepEqual(value ?? why, expected);
    });
  }

  it('a text that the condition asks for counts, whatever it says', () => {
    assert.equal(readValue('unavailable', { numeric: false, wanted: 'unavailable' }).value, 'unavailable');
  });

  it('keeps the unit', () => {
    assert.equal(readValue({ value: 1, unit: 'W' }, { numeric: true, unit: 'kW' }).unit, 'W');
    assert.equal(readValue(1, { numeric: true, unit: 'kW' }).unit, 'kW');
  });
});

describe('alert: paths', () => {
  const msg = { payload: { sensors: [{ value: 1 }, { value: 2 }], 'a.b': 3, '': 4 } };
  for (const [text, expected] of [
    ['payload.sensors[1].value', 2],
    ['payload["a.b"]', 3],
    ["payload['a.b']", 3],
    ['payload.sensors[9].value', undefined],
    ['payload.sensors.length', 2],
    ['payload.nothing.at.all', undefined],
    ['payload.toString', undefined],
  ] as const) {
    it(`${text} is ${expected}`, () => assert.equal(valueAt(msg, parsePath(text)), expected));
  }
  for (const text of [
    '',
    '.',
    'a.',
    '.a',
    'a..b',
    'a[',
    'a[x]',
    'a[-1]',
    'a b',
    'a]b',
    '[0]b',
    'a.__proto__.b',
    'constructor',
    'a["prototype"]',
    'a'.repeat(3) + '.b'.repeat(30),
  ]) {
    it(`${JSON.stringify(text.slice(0, 30))} is none`, () => assert.throws(() => parsePath(text), /path/));
  }
  it('leads through null', () => assert.equal(valueAt({ payload: null }, parsePath('payload.a')), undefined));
});

describe('alert: conditions', () => {
  const cases: [Condition, (number | string)[], number, Record<number | string, string>][] = [
    ['above', [20], 2, { 20.1: 'bad', 20: 'band', 18.1: 'band', 18: 'good' }],
    ['above', [20], 0, { 20.1: 'bad', 20: 'good' }],
    ['below', [20], 2, { 19.9: 'bad', 20: 'band', 21.9: 'band', 22: 'good' }],
    ['outside', [18, 24], 1, { 17.9: 'bad', 18: 'band', 19: 'good', 23: 'good', 23.5: 'band', 24.1: 'bad' }],
    ['inside', [18, 24], 1, { 18: 'bad', 24: 'bad', 17.5: 'band', 17: 'good', 24.5: 'band', 25: 'good' }],
    ['inside', [18, 24], 0, { 18: 'bad', 17.99: 'good' }],
    ['rate', [5], 1, { 5.1: 'bad', 5: 'band', 4: 'good', '-9': 'good' }],
    ['rate', [-5], 1, { '-5.1': 'bad', '-5': 'band', '-4': 'good', 9: 'good' }],
    ['equals', ['Open'], 0, { open: 'bad', ' OPEN ': 'bad', closed: 'good' }],
    ['equals', ['1.0'], 0, { 1: 'bad', 2: 'good' }],
    ['equals', ['true'], 0, { true: 'bad', false: 'good' }],
    // Longer than JavaScript can count: digit by digit.
    [
      'equals',
      ['+4915112345678510721'],
      0,
      { '4915112345678510720': 'good', '4915112345678510721': 'bad', '4915112345678510721.0': 'bad' },
    ],
    ['equals', ['12e3'], 0, { 12000: 'bad', '1.2e4': 'bad', 1200: 'good', '-12000': 'good' }],
    ['equals', ['0x10'], 0, { 16: 'good', '0X10': 'bad' }],
    ['equals', ['-0.0'], 0, { 0: 'bad', '': 'good', '.': 'good' }],
    ['notEquals', ['4915112345678510721'], 0, { '4915112345678510720': 'bad' }],
    ['contains', ['e7'], 0, { [`${'x'.repeat(5_000)} E7 ${'x'.repeat(5_000)}`]: 'bad' }],
    ['notEquals', ['ok'], 0, { ok: 'good', broken: 'bad' }],
    ['contains', ['fail'], 0, { 'has FAILED': 'bad', fine: 'good' }],
    ['nodata', [], 0, { 5: 'good', x: 'good' }],
  ];
  for (const [condition, [limit, limit2], size, expected] of cases) {
    it(`${condition} ${limit ?? ''} ${limit2 ?? ''} ± ${size}`, () => {
      const judge = judgeFor(condition);
      const source = {
        ...(limit !== undefined && { limit }),
        ...(limit2 !== undefined && { limit2: Number(limit2) }),
      };
      const limits = readyLimits(condition, source, { size, percent: false });
      const isText = ['equals', 'notEquals', 'contains'].includes(condition);
      for (const [text, verdict] of Object.entries(expected)) {
        assert.equal(judge(isText ? text : Number(text), limits), verdict, text);
      }
    });
  }

  it('a hysteresis in percent is one of the limit, also of a negative one', () => {
    assert.equal(readyLimits('above', { limit: -20 }, { size: 10, percent: true }).lowBand, 2);
  });

  const critical: [Condition, LimitSource, number[], boolean[]][] = [
    ['above', { limit: 20, critical: 30 }, [30, 30.1, -50], [false, true, false]],
    ['below', { limit: 20, critical: 10 }, [10, 9.9, 50], [false, true, false]],
    ['rate', { limit: 5, critical: 9 }, [9, 9.1, -50], [false, true, false]],
    ['rate', { limit: -5, critical: -9 }, [-9, -9.1, 50], [false, true, false]],
    [
      'outside',
      { limit: 18, limit2: 24, critical: 15, critical2: 28 },
      [14.9, 15, 17, 25, 28, 28.1],
      [true, false, false, false, false, true],
    ],
    ['outside', { limit: 18, limit2: 24, critical: 15 }, [14.9, 99], [true, false]],
    ['outside', { limit: 18, limit2: 24, critical2: 28 }, [-99, 28.1], [false, true]],
    ['inside', { limit: 18, limit2: 24, critical: 20, critical2: 22 }, [21, 0, 99], [false, false, false]],
  ];
  for (const [condition, source, values, expected] of critical) {
    it(`knows what is critical: ${condition} ${JSON.stringify(source)}`, () => {
      const limits = readyLimits(condition, source, { size: 0, percent: false });
      assert.deepEqual(
        values.map((value) => isCritical(value, limits)),
        expected,
      );
    });
  }
  it('a text is never critical', () => {
    const limits = readyLimits('equals', { limit: 'x', critical: 5 }, { size: 0, percent: false });
    assert.equal(isCritical('x', limits), false);
  });

  for (const [title, key, run] of [
    ['no limit', 'limitMissing', () => readyLimits('above', {}, { size: 0, percent: false })],
    [
      'a limit that is text',
      'limitNumber',
      () => readyLimits('above', { limit: 'x' }, { size: 0, percent: false }),
    ],
    [
      'limits in the wrong order',
      'limitOrder',
      () => readyLimits('outside', { limit: 5, limit2: 4 }, { size: 0, percent: false }),
    ],
    [
      'a hysteresis below 0',
      'hysteresis',
      () => readyLimits('above', { limit: 5 }, { size: -1, percent: false }),
    ],
    [
      'a hysteresis wider than the limits',
      'bandWide',
      () => readyLimits('outside', { limit: 4, limit2: 6 }, { size: 2, percent: false }),
    ],
    [
      'a critical limit on the wrong side',
      'criticalSide',
      () => readyLimits('above', { limit: 5, critical: 4 }, { size: 0, percent: false }),
    ],
    [
      'a lower critical limit that is none',
      'criticalSide',
      () => readyLimits('outside', { limit: 4, limit2: 6, critical: 5 }, { size: 0, percent: false }),
    ],
    [
      'an upper critical limit that is none',
      'criticalSide',
      () => readyLimits('outside', { limit: 4, limit2: 6, critical2: 6 }, { size: 0, percent: false }),
    ],
  ] as const) {
    it(`refuses ${title}`, () =>
      assert.throws(run, (error) => error instanceof LimitsError && error.key === key));
  }
});

describe('alert: rates', () => {
  it('is the change per minute over the window', () => {
    const rate = new RateWindow(60_000, false);
    assert.equal(rate.add(0, 10), undefined, 'nothing is known yet');
    assert.equal(rate.add(10_000, 11), undefined, 'too little is known');
    assert.equal(rate.add(30_000, 13), 6);
    assert.equal(rate.add(60_000, 20), 10);
    assert.ok(Math.abs((rate.add(90_000, 20) ?? 0) - 7) < 1e-9);
  });

  it('has one for rare values', () => {
    const rate = new RateWindow(60_000, false);
    rate.add(0, 10);
    assert.equal(rate.add(300_000, 20), 2);
  });

  it('keeps little, however many come', () => {
    const rate = new RateWindow(60_000, false);
    for (let at = 0; at < 600_000; at += 10) rate.add(at, at);
    const { points } = rate as unknown as { points: unknown[] };
    assert.ok(points.length <= 33, String(points.length));
  });

  it('goes on counting where a counter starts over', () => {
    const rate = new RateWindow(60_000, true);
    for (const [at, value] of [
      [0, 100],
      [10_000, 110],
      [20_000, 120],
      [30_000, 130],
    ] as const)
      rate.add(at, value);
    assert.equal(rate.add(40_000, 10), 60, '100 → 140 in 40 s');
  });

  it('does not take a value that goes up and down for a counter', () => {
    const rate = new RateWindow(60_000, true);
    for (const [at, value] of [
      [0, 20],
      [10_000, 21],
      [20_000, 20],
      [30_000, 22],
    ] as const)
      rate.add(at, value);
    assert.equal(rate.add(60_000, 5), -15);
  });
});

describe('alert: quiet hours', () => {
  const at = (text: string): number => Date.parse(text);
  it('go over midnight, in a time zone', () => {
    const quiet = QuietHours.parse('22:00-07:00', 'Europe/Berlin');
    assert.ok(quiet);
    assert.equal(quiet.isQuiet(at('2026-01-10T20:59:00Z')), false);
    assert.equal(quiet.isQuiet(at('2026-01-10T21:00:00Z')), true);
    assert.equal(quiet.isQuiet(at('2026-01-11T05:59:59Z')), true);
    assert.equal(quiet.isQuiet(at('2026-01-11T06:00:00Z')), false);
    assert.equal(quiet.nextChange(at('2026-01-10T21:00:00Z')), at('2026-01-11T06:00:00Z'));
    assert.equal(quiet.nextChange(at('2026-01-11T06:00:00Z')), at('2026-01-11T21:00:00Z'));
  });

  it('end by the clock on the wall when summer time begins and ends', () => {
    const quiet = QuietHours.parse('22:00-07:00', 'Europe/Berlin');
    assert.ok(quiet);
    assert.equal(quiet.nextChange(at('2026-03-28T21:30:00Z')), at('2026-03-29T05:00:00Z'));
    assert.equal(quiet.nextChange(at('2026-10-24T20:30:00Z')), at('2026-10-25T06:00:00Z'));
  });

  it('an hour that does not exist, and one that comes twice', () => {
    const quiet = QuietHours.parse('02:15-02:45', 'Europe/Berlin');
    assert.ok(quiet);
    assert.equal(quiet.nextChange(at('2026-03-29T00:00:00Z')), at('2026-03-30T00:15:00Z'), 'left out');
    assert.equal(quiet.nextChange(at('2026-10-24T23:00:00Z')), at('2026-10-25T00:15:00Z'));
    assert.equal(quiet.isQuiet(at('2026-10-25T01:20:00Z')), true, 'the second time');
  });

  it('several, and a zone of half hours', () => {
    const quiet = QuietHours.parse('22:00-07:00, 13:00-15:00', 'Asia/Kolkata');
    assert.equal(quiet?.isQuiet(at('2026-01-10T08:00:00Z')), true);
  });

  // A gap between the hours is a change like any other, however short.
  for (const [text, from, to] of [
    ['20:07-20:06', '2026-01-10T20:07:00Z', '2026-01-11T20:06:00Z'],
    ['00:00-23:59', '2026-01-10T00:00:00Z', '2026-01-10T23:59:00Z'],
    ['22:00-06:55, 07:00-07:30', '2026-01-10T22:00:00Z', '2026-01-11T06:55:00Z'],
    ['00:05-24:00', '2026-01-10T00:05:00Z', '2026-01-11T00:00:00Z'],
  ] as const) {
    it(`${text} ends, and begins again`, () => {
      const quiet = QuietHours.parse(text, 'UTC');
      assert.ok(quiet);
      assert.equal(quiet.nextChange(at(from) - 60_000), at(from));
      assert.equal(quiet.isQuiet(at(from)), true);
      assert.equal(quiet.nextChange(at(from)), at(to));
      assert.equal(quiet.isQuiet(at(to)), false);
    });
  }

  it('00:00-24:00 is the whole day', () => {
    const quiet = QuietHours.parse('00:00-24:00', 'Europe/Berlin');
    for (let hour = 0; hour < 48; hour++)
      assert.equal(quiet?.isQuiet(at('2026-03-28T00:30:00Z') + hour * 3_600_000), true);
  });

  for (const text of ['', 'x', '22-7', '25:00-07:00', '22:00-22:00', '22:60-07:00', '22:00-24:30']) {
    it(`"${text}" are none`, () => assert.equal(QuietHours.parse(text), undefined));
  }
  it('there is no such zone', () => assert.equal(QuietHours.parse('22:00-07:00', 'Mars/Base'), undefined));
});

describe('alert: filters of silences', () => {
  for (const [key, filter, expected] of [
    ['home/freezer/t', 'freezer', true],
    ['home/freezer/t', 'FREEZER', true],
    ['home/freezer/t', 'fridge', false],
    ['home/freezer/t', 'home/+/t', true],
    ['home/a/b/t', 'home/+/t', false],
    ['home/a/b/t', 'home/#', true],
    ['home', 'home/#', true],
    ['other', 'home/#', false],
    ['home/a/b/t', 'home/*/t', true],
    ['home/a/b/x', 'home/*/t', false],
    ['home/a', '*a', true],
    ['home/ab', '*a', false],
    ['a.b', 'a+b', false],
  ] as const) {
    it(`${filter} ${expected ? 'is' : 'is not'} ${key}`, () =>
      assert.equal(matchesFilter(key, filter), expected));
  }
  it('a pattern of a thousand stars is answered at once', () => {
    assert.equal(matchesFilter('a'.repeat(1_000), `${'*a'.repeat(500)}*b`), false);
  });
});

describe('alert: deadlines', () => {
  it('come out in their order, whatever was put in and taken out before', () => {
    const random = seeded(7);
    const heap = new Deadlines<Timed & { due: number }>();
    const items = Array.from({ length: 500 }, () => ({
      heapIndex: -1,
      heapDue: 0,
      due: Math.floor(random() * 1_000),
    }));
    for (const item of items) heap.want(item, item.due);
    for (const item of items.slice(0, 100)) heap.remove(item);
    for (const item of items.slice(100, 200)) {
      item.due = Math.floor(item.due / 2);
      heap.want(item, item.due);
    }
    heap.shift(5);
    const out: number[] = [];
    for (let item = heap.take(2_000); item; item = heap.take(2_000)) out.push(item.due);
    assert.deepEqual(
      out,
      items
        .slice(100)
        .map(({ due }) => due)
        .sort((a, b) => a - b),
    );
    assert.equal(heap.next, Number.POSITIVE_INFINITY);
  });
});

describe('alert: words', () => {
  it('durations in their two largest parts', () => {
    const shown = (seconds: number): string =>
      showDuration(seconds * 1_000, plainTranslate).replace(/unit\./g, '');
    assert.deepEqual([0, 5, 65, 1_260, 3_600, 11_100, 187_200].map(shown), [
      '0 s',
      '5 s',
      '1 min',
      '21 min',
      '1 h',
      '3 h 5 min',
      '2 d 4 h',
    ]);
  });
  it('numbers as people read them', () => {
    const values = [0, 0.1 + 0.2, 21.456, -18.4, 1234.56, 1e12, 0.00001, true, undefined];
    assert.deepEqual(
      values.map((value) => showValue(value)),
      ['0', '0.3', '21.46', '-18.4', '1234.6', '1.000e+12', '0.00001000', 'true', '–'],
    );
    assert.deepEqual([showValue(5, '%'), showValue(5, '°C')], ['5%', '5 °C']);
  });
});
