import assert from 'node:assert/strict';
import { axisRangeOf, nearest, pathsOf } from '../../../../src/editor/chart/curve';

const curve = (last: (number | null)[], bridge = 0) => ({ min: last, max: last, last, bridge });
const paths = (last: (number | null)[], bridge = 0) =>
  pathsOf(
    curve(last, bridge),
    1_000,
    (share) => share * last.length,
    (value) => value,
  );

describe('curve of a chart', () => {
  it('goes through what is there, and not over a gap', () => {
    assert.equal(paths([1, 2, 3]).line, 'M0.5 1L1.5 2L2.5 3');
    const gap = [1, 2, null, null, 3, 4];
    assert.equal(paths(gap).line, 'M0.5 1L1.5 2M4.5 3L5.5 4');
    assert.equal(paths(gap, 3_000).line, 'M0.5 1L1.5 2L4.5 3L5.5 4', 'a pause as usual is none');
  });

  it('shows a value that stands alone', () => {
    const { line, dots } = paths([1, null, null, null, 2, 3]);
    assert.deepEqual([line, dots], ['M4.5 2L5.5 3', 'M0.5 1h.01']);
  });

  it('lies in a band from the least to the greatest values', () => {
    const { area } = pathsOf(
      { min: [0, 1], max: [4, 5], last: [2, 3], bridge: 0 },
      1_000,
      (share) => share * 2,
      (value) => value,
    );
    assert.equal(area, 'M0.5 4L1.5 5L1.5 1L0.5 0z');
  });

  it('spans what was seen and a limit that is near, or the limit alone', () => {
    const seen = axisRangeOf(curve([20, 22]), [25]);
    assert.ok(seen.low < 20 && seen.high > 25);
    const alone = axisRangeOf(curve([null, null]), [7]);
    assert.ok(alone.low < 7 && alone.high > 7);
    assert.deepEqual(axisRangeOf(curve([null]), []), { low: 0, high: 1 });
  });

  it('finds the value that is nearest to the pointer', () => {
    assert.equal(nearest([1, null, null, 2], 1), 0);
    assert.equal(nearest([1, null, null, 2], 2), 3);
    assert.equal(nearest([null, null], 0), undefined);
  });
});
