import assert from 'node:assert/strict';
import { rangeFor, roundStep, roundTo, timeTicks, valueTicks } from '../../../../src/editor/chart/scale';

const labels = (from: number, ms: number, most: number): string[] =>
  timeTicks(from, from + ms, most).map(({ label }) => label);

describe('scale of a chart', () => {
  it('has axes that hold what is near, and round numbers on them', () => {
    const seen = { low: 20, high: 22 };
    const near = rangeFor(seen, [25]);
    assert.ok(near.low < 20 && near.high > 25);
    assert.ok(rangeFor(seen, [1_000]).high < 25, 'a limit that is far away does not flatten the day');
    const flat = rangeFor({ low: 5, high: 5 }, []);
    assert.ok(flat.low < 5 && flat.high > 5);
    const zero = rangeFor({ low: 0, high: 0 }, [0]);
    assert.ok(zero.low < 0 && zero.high > 0);
    assert.deepEqual(valueTicks({ low: 18.7, high: 26.1 }, 4), [20, 22, 24, 26]);
    assert.deepEqual([roundStep(0.07), roundStep(3), roundStep(0), roundStep(Number.NaN)], [0.05, 2, 1, 1]);
    assert.equal(roundTo(24.3000001, 0.1), 24.3);
    const noon = new Date(2026, 2, 10, 12, 34).getTime();
    const ticks = timeTicks(noon, noon + 3 * 3_600_000, 4).map(({ label }) => label);
    assert.deepEqual(ticks, ['13:00', '14:00', '15:00']);
    assert.ok(timeTicks(noon - 86_400_000, noon, 5).length <= 5);
  });

  it('has times from seconds to days', () => {
    const noon = new Date(2026, 2, 10, 12, 0).getTime();
    assert.deepEqual(labels(noon, 20_000, 4), ['12:00:00', '12:00:05', '12:00:10', '12:00:15', '12:00:20']);
    assert.deepEqual(labels(noon + 1_000, 9 * 60_000, 4), ['12:05']);
    const names = (from: number, days: number, most: number): string[] =>
      timeTicks(from, from + days * 86_400_000, most, (at) => String(new Date(at).getDate())).map(
        ({ label }) => label,
      );
    assert.deepEqual(names(noon, 7, 8), ['11', '12', '13', '14', '15', '16', '17']);
    assert.deepEqual(names(noon, 7, 3), ['12', '14', '16'], 'every other day where there is little room');
    assert.deepEqual(names(noon, 2, 5), ['12:00', '11', '12:00', '12', '12:00']);
    // Through both changes of the clocks, wherever this runs.
    for (const month of [2, 9]) {
      const days = names(new Date(2026, month, 24, 12).getTime(), 7, 8);
      assert.deepEqual(days, ['25', '26', '27', '28', '29', '30', '31']);
    }
  });
});
