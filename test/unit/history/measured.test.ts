/** Kind: the time of arrival is taken for the time of measurement. */
import assert from 'node:assert/strict';
import type { Limits } from '../../../src/alert/limits';
import { measuredAt, measuredBy, UNKNOWN_TIME } from '../../../src/history/measured';
import { Harness, NOON } from '../alert/support';

const SECOND = 1_000;
const MINUTE = 60_000;
const HOUR = 3_600_000;
const THEN = NOON - HOUR;
const ISO = new Date(THEN).toISOString();

describe('alert: when something was measured', () => {
  for (const [title, msg, expected] of [
    ['msg.timestamp in milliseconds', { timestamp: THEN }, THEN],
    ['in seconds', { timestamp: THEN / 1_000 }, THEN],
    ['as text', { timestamp: String(THEN) }, THEN],
    ['as a date', { timestamp: new Date(THEN) }, THEN],
    ['ISO 8601', { timestamp: ISO }, THEN],
    ['the user property', { userProperties: { timestamp: ISO } }, THEN],
    ['msg.timestamp before the user property', { timestamp: THEN, userProperties: { timestamp: 'x' } }, THEN],
    ['last_seen, ISO_8601', { payload: { temperature: 21, last_seen: ISO } }, THEN],
    ['last_seen, ISO_8601_local', { payload: { last_seen: '2026-03-10T12:00:00+01:00' } }, THEN],
    ['last_seen, epoch', { payload: { last_seen: THEN } }, THEN],
    ['last_seen in seconds', { payload: { last_seen: THEN / 1_000 } }, THEN],
    ['last_seen in a text that is JSON', { payload: `{"t":1,"last_seen":"${ISO}"}` }, THEN],
    ['an epoch in a text that is JSON', { payload: `{"last_seen": ${THEN}, "t": 1}` }, THEN],
    // The kind: what is found somewhere within is taken for the thing itself.
    [
      'last_seen of another thing before its own',
      { payload: `{"a":{"last_seen":"2020-01-01T00:00:00Z"},"last_seen":"${ISO}"}` },
      THEN,
    ],
    ['last_seen of another thing only', { payload: `{"a":{"last_seen":"${ISO}"},"t":1}` }, undefined],
    ['last_seen in a list', { payload: `[{"last_seen":"${ISO}"}]` }, undefined],
    ['last_seen as a value', { payload: `{"a":"last_seen","b":"${ISO}"}` }, undefined],
    ['last_seen in what is no JSON', { payload: `x "last_seen":"${ISO}"` }, undefined],
    [
      'last_seen in a text without end',
      { payload: `{"last_seen":"${ISO}","x":"${'x'.repeat(200_000)}"}` },
      undefined,
    ],
    ['a time of day', { timestamp: '12:30:2026' }, undefined],
    ['a date as people write it', { timestamp: '03/10/2026' }, undefined],
    ['words and a year', { timestamp: 'room 2026' }, undefined],
    [
      'ISO 8601 with a blank and without seconds',
      { timestamp: '2026-03-10 11:00Z' },
      Date.UTC(2026, 2, 10, 11),
    ],
    ['ISO 8601, only the day', { timestamp: '2026-03-09' }, Date.UTC(2026, 2, 9)],
    [
      'ISO 8601 with an offset without a colon',
      { timestamp: '2026-03-10T12:00:00.5+0100' },
      Date.UTC(2026, 2, 10, 11, 0, 0, 500),
    ],
    ['a time that is none, and last_seen', { timestamp: 'soon', payload: { last_seen: ISO } }, THEN],
    ['a time to come', { timestamp: NOON + HOUR }, NOON],
    ['a clock that was never set', { payload: { last_seen: 5_000 } }, undefined],
    ['a clock of 1970', { payload: { last_seen: '1970-01-01T00:01:00Z' } }, undefined],
    ['yesterday', { timestamp: 'yesterday' }, undefined],
    ['May', { timestamp: 'May' }, undefined],
    ['no number', { timestamp: Number.NaN }, undefined],
    ['null', { timestamp: null, payload: null, userProperties: null }, undefined],
    ['last_seen of null', { payload: { last_seen: null } }, undefined],
    ['nothing', { payload: 5 }, undefined],
  ] as [string, Record<string, unknown>, number | undefined][]) {
    it(title, () => assert.equal(measuredAt(msg, NOON), expected));
  }

  it('a retained message was measured nobody knows when, unless it says so, or was published just now', () => {
    assert.equal(measuredBy({ payload: 1, retain: true }, NOON), UNKNOWN_TIME);
    assert.equal(measuredBy({ payload: 1, retain: true, replayed: true }, NOON), UNKNOWN_TIME);
    assert.equal(measuredBy({ payload: 1, retain: true, replayed: false }, NOON), undefined);
    assert.equal(measuredBy({ payload: 1, retain: false }, NOON), undefined);
    assert.equal(measuredBy({ payload: 1, retain: true, timestamp: THEN }, NOON), THEN);
  });
});

describe('alert: what was kept is no sign of life', () => {
  const rules = { condition: 'above', limits: { limit: 20 }, noDataAfter: MINUTE } as const;
  const kept = (harness: Harness, key: string, value: number, measured = UNKNOWN_TIME): void => {
    harness.machine.sample(key, value, '', harness.machine.limits, measured);
  };

  it('ends no silence, and sets the value', () => {
    const harness = new Harness(rules);
    harness.sample('a', 10);
    harness.wait(MINUTE);
    assert.deepEqual(harness.told(), ['a nodata nodata']);
    for (const value of [11, 30]) kept(harness, 'a', value);
    assert.deepEqual([harness.told(), harness.state('a')], [[], 'nodata']);
    assert.equal(harness.machine.keys.map.get('a')?.value, 30);
    harness.sample('a', 12);
    assert.deepEqual(harness.told(), ['a data normal']);
  });

  it('holds no silence up', () => {
    const harness = new Harness(rules);
    harness.sample('a', 10);
    for (let i = 0; i < 3; i++) {
      harness.wait(19 * SECOND);
      kept(harness, 'a', 10);
    }
    harness.wait(3 * SECOND);
    assert.deepEqual(harness.told(), ['a nodata nodata']);
  });

  it('may raise, and may end what was raised', () => {
    const harness = new Harness(rules);
    kept(harness, 'a', 30);
    kept(harness, 'a', 10);
    assert.deepEqual(harness.told(), ['a raised firing', 'a cleared normal']);
    harness.wait(MINUTE);
    assert.deepEqual(harness.told(), ['a nodata nodata'], 'the clock of a new key began with it');
  });

  it('with a time of its own it counts from then', () => {
    const harness = new Harness(rules);
    kept(harness, 'a', 10, harness.clock.now() - 50 * SECOND);
    harness.wait(9 * SECOND);
    assert.deepEqual(harness.told(), []);
    harness.wait(SECOND);
    assert.deepEqual(harness.told(), ['a nodata nodata']);
    kept(harness, 'a', 10, harness.clock.now() - 60 * SECOND);
    assert.deepEqual(harness.told(), [], 'the same once more');
    kept(harness, 'a', 10, harness.clock.now() - 5 * SECOND);
    assert.deepEqual(harness.told(), ['a data normal']);
  });

  it('of many that waited the newest counts, and nobody is told of a silence in between', () => {
    const harness = new Harness(rules);
    for (let ago = HOUR; ago >= 0; ago -= MINUTE) kept(harness, 'a', 10, harness.clock.now() - ago);
    harness.wait(59 * SECOND);
    assert.deepEqual(harness.told(), []);
  });

  it('one that is long dead is named soon', () => {
    const harness = new Harness(rules);
    kept(harness, 'a', 10, harness.clock.now() - 24 * HOUR);
    harness.wait(SECOND);
    assert.deepEqual(harness.told(), ['a nodata nodata']);
  });

  it('where silence is no alert, the alert of a value goes on with it', () => {
    const harness = new Harness({ ...rules, noDataAs: 'normal' });
    harness.sample('a', 30);
    harness.wait(MINUTE);
    assert.deepEqual(harness.told(), ['a raised firing', 'a silent normal']);
    kept(harness, 'a', 30);
    harness.restart(SECOND);
    assert.deepEqual([harness.told(), harness.state('a')], [['a raised firing'], 'firing'], 'it raises once');
  });

  it('is no point of a rate', () => {
    const harness = new Harness({ condition: 'rate', limits: { limit: 5 }, rateWindow: MINUTE });
    for (let i = 0; i <= 6; i++) {
      harness.sample('a', 10);
      harness.wait(10 * SECOND);
    }
    for (const measured of [UNKNOWN_TIME, harness.clock.now() - 30 * SECOND])
      kept(harness, 'a', 1_000, measured);
    assert.deepEqual([harness.told(), harness.machine.keys.map.get('a')?.value], [[], 0]);
  });
});

describe('alert: a value whose limits are not known', () => {
  // Kind: one missing input voids what does not depend on it.
  const harness = (): Harness => {
    const one = new Harness({
      condition: 'above',
      limits: { limit: 20 },
      noDataAfter: MINUTE,
      holdFor: 5 * SECOND,
    });
    // As where they are looked up for each sample.
    one.machine.limits = undefined;
    return one;
  };
  const unknown = (one: Harness, value: number): void => {
    one.machine.sample('a', value, '');
  };

  it('is a sign of life, and changes nothing else', () => {
    const one = harness();
    const limits = { ...one.limitsOfRules } as Limits;
    unknown(one, 10);
    for (let i = 0; i < 3; i++) {
      one.wait(50 * SECOND);
      unknown(one, 10);
    }
    assert.deepEqual(one.told(), []);
    one.machine.sample('a', 30, '', limits);
    one.wait(3 * SECOND);
    unknown(one, 10);
    one.wait(3 * SECOND);
    unknown(one, 10);
    assert.deepEqual([one.told(), one.state('a')], [['a raised firing'], 'firing']);
    one.wait(MINUTE);
    assert.deepEqual(one.told(), ['a nodata nodata']);
    unknown(one, 10);
    assert.deepEqual([one.told(), one.state('a')], [['a data firing'], 'firing'], 'as before the silence');
  });

  it('ends a silence, and a silence comes after it', () => {
    const one = harness();
    unknown(one, 10);
    one.wait(MINUTE);
    unknown(one, 10);
    one.wait(MINUTE);
    assert.deepEqual(one.told(), ['a nodata nodata', 'a data normal', 'a nodata nodata']);
  });
});
