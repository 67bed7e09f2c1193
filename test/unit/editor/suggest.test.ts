import assert from 'node:assert/strict';
import {
  propertyOf,
  seenOf,
  suggestHysteresis,
  suggestLimit,
  suggestNoDataAfter,
} from '../../../src/editor/suggest';

describe('first alert: what is suggested', () => {
  it('a limit outside of what was seen, in steps that people choose', () => {
    const cases: [number, number, 'above' | 'below', number][] = [
      [22.4, 22.4, 'above', 24],
      [22.4, 22.4, 'below', 21],
      [18, 24, 'above', 26],
      [-22, -18, 'above', -17],
      [0, 0, 'above', 0.1],
      [0, 100, 'above', 120],
      [0, 100, 'below', -20],
      [1_000_000, 1_200_000, 'above', 1_300_000],
    ];
    for (const [min, max, side, wanted] of cases) {
      assert.equal(suggestLimit({ min, max }, side), wanted, `${min} to ${max}, ${side}`);
    }
  });

  it('never a limit that would fire at once', () => {
    for (let i = 0; i < 2_000; i++) {
      const a = (((i * 7919) % 4_001) - 2_000) / 7;
      const b = a + ((i * 104_729) % 1_000) / 13;
      assert.ok(suggestLimit({ min: a, max: b }, 'above') > b, `${a} ${b}`);
      assert.ok(suggestLimit({ min: a, max: b }, 'below') < a, `${a} ${b}`);
    }
  });

  it('the range of parts with gaps, and of the present value', () => {
    assert.deepEqual(seenOf([null, 3], [null, 9], 12), { min: 3, max: 12 });
    assert.deepEqual(seenOf([], [], 0), { min: 0, max: 0 });
    assert.equal(seenOf([null], [null], undefined), undefined);
  });

  it('a silence of three intervals, of what comes regularly', () => {
    assert.equal(suggestNoDataAfter({}), '');
    assert.equal(suggestNoDataAfter({ every: 60_000, steady: false }), '', 'a door');
    assert.equal(suggestNoDataAfter({ every: 1_000, steady: true }), '5m');
    assert.equal(suggestNoDataAfter({ every: 10 * 60_000 }), '30m');
    assert.equal(suggestNoDataAfter({ every: 3_600_000 }), '3h');
  });

  it('a hysteresis after which what was usual ends the alert', () => {
    assert.equal(suggestHysteresis({ min: 22.4, max: 22.4 }, 24), 0.2);
    assert.equal(suggestHysteresis({ min: 18, max: 24 }, 26), 0.5);
    assert.equal(suggestHysteresis({ min: 0, max: 100 }, 120), 10);
    assert.equal(suggestHysteresis({ min: 0, max: 0 }, 0.1), 0.1);
    for (let i = 0; i < 500; i++) {
      const min = (((i * 7919) % 4_001) - 2_000) / 7;
      const max = min + ((i * 104_729) % 1_000) / 13;
      const limit = suggestLimit({ min, max }, 'above');
      assert.ok(limit - suggestHysteresis({ min, max }, limit) >= max - 1e-6, `${min} ${max}`);
    }
  });

  it('where the number stands', () => {
    assert.equal(propertyOf(undefined), 'payload');
    assert.equal(propertyOf('power.phase1'), 'payload.power.phase1');
    assert.equal(propertyOf('my "field"'), 'payload["my field"]');
  });
});
