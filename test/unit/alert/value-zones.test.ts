import assert from 'node:assert/strict';
import { judgeFor } from '../../../src/alert/condition';
import { judgeLimits, type Limits, LimitsFault } from '../../../src/alert/limits';
import type { Condition, LimitSource } from '../../../src/alert/rules';
import { valueZones, worstZones } from '../../../src/alert/value-zones';

const ready = (condition: Condition, source: LimitSource): Limits => {
  const limits = judgeLimits(condition, source, { size: 0, percent: false });
  assert.ok(!(limits instanceof LimitsFault), String(limits));
  return limits;
};
const shown = (condition: Condition, source: LimitSource): string =>
  valueZones(condition, ready(condition, source))
    .map(({ from, level }) => `${from} ${level}`)
    .join(', ');

describe('zones of values', () => {
  const cases: [Condition, LimitSource, string][] = [
    ['above', { limit: -15 }, '-Infinity normal, -15 warning'],
    ['above', { limit: 25, critical: 30 }, '-Infinity normal, 25 warning, 30 critical'],
    ['below', { limit: 5 }, '-Infinity warning, 5 normal'],
    ['below', { limit: 5, critical: 0 }, '-Infinity critical, 0 warning, 5 normal'],
    ['outside', { limit: 5, limit2: 25 }, '-Infinity warning, 5 normal, 25 warning'],
    [
      'outside',
      { limit: 5, limit2: 25, critical: 0, critical2: 30 },
      '-Infinity critical, 0 warning, 5 normal, 25 warning, 30 critical',
    ],
    ['inside', { limit: 5, limit2: 25 }, '-Infinity normal, 5 warning, 25 normal'],
    ['rate', { limit: 2 }, ''],
    ['equals', { limit: 'open' }, ''],
    ['nodata', {}, ''],
  ];
  for (const [condition, source, zones] of cases)
    it(`${condition} ${JSON.stringify(source)}`, () => assert.equal(shown(condition, source), zones));

  it('none where a limit is not known yet', () => assert.deepEqual(valueZones('above', undefined), []));

  it('say of each value what the alert says of it', () => {
    for (const [condition, source, zones] of cases) {
      if (zones === '') continue;
      const limits = ready(condition, source);
      for (let value = -40.5; value < 40; value++) {
        const zone = valueZones(condition, limits).findLast(({ from }) => from <= value);
        const isBad = judgeFor(condition)(value, limits) === 'bad';
        assert.equal(zone?.level !== 'normal', isBad, `${condition} ${value}`);
      }
    }
  });

  it('of several alerts the worst', () => {
    const zones = worstZones([
      valueZones('above', ready('above', { limit: -15 })),
      valueZones('outside', ready('outside', { limit: -30, limit2: -5, critical2: -4 })),
      [],
    ]);
    assert.deepEqual(
      zones.map(({ from, level }) => `${from} ${level}`),
      ['-Infinity warning', '-30 normal', '-15 warning', '-4 critical'],
    );
    assert.deepEqual(worstZones([]), []);
    assert.deepEqual(worstZones([[]]), []);
  });
});
