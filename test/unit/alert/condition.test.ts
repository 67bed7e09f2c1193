import assert from 'node:assert/strict';
import { isCritical, judgeFor } from '../../../src/alert/condition';
import { LimitsError, readyLimits } from '../../../src/alert/ready-limits';
import type { Condition, LimitSource } from '../../../src/alert/rules';

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
      'criticalAbove',
      () => readyLimits('above', { limit: 5, critical: 4 }, { size: 0, percent: false }),
    ],
    [
      'a lower critical limit that is none',
      'criticalBelow',
      () => readyLimits('outside', { limit: 4, limit2: 6, critical: 5 }, { size: 0, percent: false }),
    ],
    [
      'an upper critical limit that is none',
      'criticalAbove',
      () => readyLimits('outside', { limit: 4, limit2: 6, critical2: 6 }, { size: 0, percent: false }),
    ],
  ] as const) {
    it(`refuses ${title}`, () =>
      assert.throws(run, (error) => error instanceof LimitsError && error.code === key));
  }
});
