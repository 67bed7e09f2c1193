/** What would have fired: the machine, run over a day that has gone by; and what is left of that day. */
import assert from 'node:assert/strict';
import { readyLimits } from '../../../src/alert/ready-limits';
import { type AlertSpan, rateRange, replay } from '../../../src/alert/replay';
import { DEFAULT_RULES, type Rules } from '../../../src/alert/rules';
import type { Value } from '../../../src/alert/states';
import { History } from '../../../src/history/history';
import { NOON } from './support';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
type Points = [minute: number, value: Value][];

function run(rules: Partial<Rules>, points: Points, until: number): AlertSpan[] {
  const all = { ...DEFAULT_RULES, ...rules };
  const limits = readyLimits(all.condition, all.limits, all.hysteresis);
  const samples = points.map(([minute, value]) => [NOON + minute * MINUTE, value] as const);
  return replay(all, limits, samples, NOON + until * MINUTE);
}

/** `10-14`, `20-…` where it is open, `!` and since when where critical, `?` where it is about silence. */
const shown = (spans: AlertSpan[]): string[] =>
  spans.map(({ from, to, open, criticalFrom, noData }) => {
    const minute = (at: number): number => (at - NOON) / MINUTE;
    const critical = criticalFrom === undefined ? '' : `!${minute(criticalFrom)}`;
    return `${minute(from)}-${open ? '…' : minute(to)}${critical}${noData ? '?' : ''}`;
  });

describe('alerts that there would have been', () => {
  const above = (limit: number): Partial<Rules> => ({ condition: 'above', limits: { limit } });
  const peak: Points = [
    [0, 20],
    [10, 26],
    [12, 24.5],
    [14, 23],
    [20, 27],
  ];

  it('follow limit, hysteresis, hold and keep time', () => {
    assert.deepEqual(shown(run(above(25), peak, 30)), ['10-12', '20-…']);
    const wide = { ...above(25), hysteresis: { size: 1, percent: false } };
    assert.deepEqual(shown(run(wide, peak, 30)), ['10-14', '20-…']);
    assert.deepEqual(
      shown(run({ ...wide, holdFor: 3 * MINUTE }, peak, 30)),
      ['23-…'],
      'the band ends a wait',
    );
    assert.deepEqual(shown(run({ ...wide, holdFor: 20 * MINUTE }, peak, 30)), [], 'time goes no further');
    assert.deepEqual(shown(run({ ...wide, keepFor: 7 * MINUTE }, peak, 30)), ['10-…'], 'normal did not last');
    assert.deepEqual(shown(run({ ...above(25), limits: { limit: 25, critical: 26.5 } }, peak, 30)), [
      '10-12',
      '20-…!20',
    ]);
  });

  it('are the alerts and not the messages: what holds messages back holds nothing here', () => {
    const held = { groupWait: HOUR, cooldown: HOUR, repeatEvery: MINUTE, flapCount: 2, flapWindow: HOUR };
    assert.deepEqual(shown(run({ ...above(25), ...held }, peak, 30)), ['10-12', '20-…']);
  });

  it('of texts, of silence, of a rate', () => {
    const door: Points = [
      [0, 'closed'],
      [5, 'OPEN'],
      [9, 'closed'],
    ];
    const open = { condition: 'equals', limits: { limit: 'open' } } as const;
    assert.deepEqual(shown(run(open, door, 30)), ['5-9']);
    const silence = { condition: 'nodata', noDataAfter: 7 * MINUTE } as const;
    assert.deepEqual(shown(run(silence, peak, 40)), ['7-10?', '27-…?']);
    const mixed = { ...above(25), noDataAfter: 7 * MINUTE };
    assert.deepEqual(shown(run(mixed, peak, 22)), ['7-12', '20-…'], 'a silence that became an alert');
    const rate = { ...DEFAULT_RULES, condition: 'rate', limits: { limit: 1 }, rateWindow: MINUTE } as const;
    const limits = readyLimits('rate', rate.limits, rate.hysteresis);
    const samples: [number, number][] = [
      [NOON, 0],
      [NOON + MINUTE, 3],
      [NOON + 2 * MINUTE, 2],
    ];
    assert.deepEqual(rateRange(rate, limits, samples), { min: -1, max: 3 });
    assert.deepEqual(shown(replay(rate, limits, samples, NOON + 5 * MINUTE)), ['1-2']);
    assert.deepEqual(replay(rate, limits, [], NOON), []);
    assert.equal(rateRange(rate, limits, samples.slice(0, 1)), undefined);
  });

  it('come out of a history that kept minutes and the newest values', () => {
    const history = new History({ points: 4 });
    // The bucket of minute 1 has a peak between two low values; of minute 3 all are kept as they came.
    const came: [number, number][] = [
      [5_000, 20],
      [70_000, 19],
      [80_000, 30],
      [90_000, 21],
      [181_000, 22],
      [190_000, 29],
      [200_000, 23],
      [239_000, 24],
    ];
    for (const [ms, value] of came) history.record('t', NOON + ms, value);
    const samples = history.samples('t', NOON, NOON + HOUR).map(([at, value]) => [at - NOON, value]);
    assert.deepEqual(samples, [
      [0, 20],
      [60_000, 19],
      [80_000, 30],
      [100_000, 21],
      [181_000, 22],
      [190_000, 29],
      [200_000, 23],
      [239_000, 24],
    ]);
    history.record('t', NOON + 239_500, 25);
    const later = history.samples('t', NOON + 2 * MINUTE, NOON + HOUR);
    assert.deepEqual(
      later.map(([at, value]) => [at - NOON, value]),
      [
        [180_000, 22],
        [200_000, 29],
        [220_000, 25],
      ],
      'one of its values is gone: the bucket counts',
    );
    assert.deepEqual(history.samples('other', NOON, NOON + HOUR), []);
  });
});
