import assert from 'node:assert/strict';
import type { Text } from '../../../../src/base/text';
import { alertConfig } from '../../../../src/nodes/dinox-alert/config';

const HOUR = 3_600_000;

/** What is wrong, as `key field`. */
const problems = (def: object): string[] =>
  alertConfig({ condition: 'above', limit: '25', ...def }).problems.map(
    ({ params = {} }) => `${(params.text as Text).key.replace(/.*\./, '')} ${params.field}`,
  );

describe('configuration of dinox-alert', () => {
  it('has defaults for what a flow file does not say', () => {
    const { rules, history, persist, keyBy, property, problems: none } = alertConfig({ limit: '25' });
    assert.deepEqual(none, []);
    const { condition, holdFor, keepFor, noDataAfter, noDataAs, maxKeys, sendResolved, quietPass } = rules;
    assert.deepEqual(
      { condition, holdFor, keepFor, noDataAfter, noDataAs, maxKeys, sendResolved, quietPass },
      {
        condition: 'above',
        holdFor: 0,
        keepFor: 0,
        noDataAfter: 0,
        noDataAs: 'alert',
        maxKeys: 10_000,
        sendResolved: true,
        quietPass: 'critical',
      },
    );
    assert.deepEqual([history, persist, keyBy.from], [24 * HOUR, true, 'topic']);
    assert.deepEqual(property, { from: 'path', path: ['payload'] });
  });

  it('reads numbers as people type them', () => {
    for (const [typed, limit] of [
      ['21,5', 21.5],
      ['−15', -15],
      ['-15.5', -15.5],
      ['1e3', 1_000],
    ] as const)
      assert.equal(alertConfig({ limit: typed }).limits?.low, limit, typed);
  });

  it('reads hysteresis as a number or a share', () => {
    assert.equal(alertConfig({ limit: '-20', hysteresis: '5%' }).limits?.lowBand, 1);
    assert.equal(alertConfig({ limit: '20', hysteresis: '.5' }).limits?.lowBand, 0.5);
    assert.equal(
      alertConfig({ limit: '20', hysteresis: '0,5' }).limits?.lowBand,
      0.5,
      'as limit 25,5 is taken',
    );
    assert.equal(alertConfig({ limit: '20', hysteresis: '2,5 %' }).limits?.lowBand, 0.5);
    assert.equal(alertConfig({ limit: '20', holdFor: '1,5m' }).rules.holdFor, 90_000);
    for (const wrong of ['-2', 'abc', '5 %%', '1,5x'])
      assert.deepEqual(problems({ hysteresis: wrong }), ['hysteresis hysteresis'], wrong);
  });

  for (const field of [
    'holdFor',
    'keepFor',
    'noDataAfter',
    'repeatEvery',
    'cooldown',
    'escalateAfter',
    'groupWait',
    'flapWindow',
  ]) {
    it(`${field} is a duration, or is said not to be one`, () => {
      const read = (typed: string): unknown =>
        (alertConfig({ limit: '25', [field]: typed }).rules as unknown as Record<string, unknown>)[field];
      assert.equal(read('1h30m'), 1.5 * HOUR);
      assert.equal(read('90s'), 90_000);
      assert.equal(read('0'), 0);
      for (const wrong of ['abc', '-1s', '5 parsecs', '3650d', '∞'])
        assert.deepEqual(problems({ [field]: wrong }), [`duration ${field}`], wrong);
    });
  }

  it('keeps a history from a minute to seven days, or none', () => {
    for (const [typed, ms] of [
      ['24h', 24 * HOUR],
      ['48h', 48 * HOUR],
      ['7d', 168 * HOUR],
      ['off', 0],
      ['none', 0],
    ] as const)
      assert.equal(alertConfig({ limit: '25', history: typed }).history, ms);
    for (const wrong of ['8d', '10s', 'ever'])
      assert.deepEqual(problems({ history: wrong }), ['history history']);
  });

  it('knows which limits a condition has, and looks up what is looked up', () => {
    const outside = { condition: 'outside', limit: '18', limit2: '24', critical: '15', critical2: '28' };
    const { limits } = alertConfig(outside);
    assert.deepEqual(
      [limits?.low, limits?.high, limits?.criticalLow, limits?.criticalHigh],
      [18, 24, 15, 28],
    );
    // What belongs to another condition is left where it is.
    assert.deepEqual(problems({ limit2: 'x', critical2: 'y' }), []);
    assert.deepEqual(alertConfig({ ...outside, condition: 'inside' }).problems, []);
    const { lookups, limits: none } = alertConfig({ ...outside, critical2: 'max', critical2Type: 'global' });
    assert.deepEqual(lookups, [{ field: 'critical2', type: 'global', value: 'max' }]);
    assert.equal(none, undefined);
    assert.deepEqual(problems({ ...outside, critical: '19' }), ['criticalBelow critical']);
    assert.deepEqual(problems({ ...outside, critical2: 'hot' }), ['limitNumber critical2']);
  });
});
