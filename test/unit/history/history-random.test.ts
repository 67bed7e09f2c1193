/** The history against a plain list of samples, whatever the values, the stamps and their order. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { History } from '../../../src/history/history';

const MINUTE = 60_000;
const HOUR = 3_600_000;
const T0 = 472_222 * HOUR;
const RUNS = process.env.DINOX_LONG ? 3_000 : 150;

interface Sample {
  at: number;
  value: number;
}

const value = fc.oneof(
  fc.integer({ min: -50, max: 50 }),
  fc.integer({ min: -500, max: 500 }).map((tenths) => tenths / 10),
  fc.integer({ min: 12_345_000, max: 12_346_000 }).map((thousandths) => thousandths / 1_000),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.float({ noNaN: true, noDefaultInfinity: true }),
  fc.constantFrom(0, -0, 21.3, 1e300, -1e300, Number.MAX_VALUE, Number.MIN_VALUE, 2 ** 53, 1e-9),
);

/** Mostly ahead by seconds, now and then by hours, and sometimes back. */
const wait = fc.oneof(
  { weight: 60, arbitrary: fc.integer({ min: 0, max: 90_000 }) },
  { weight: 6, arbitrary: fc.integer({ min: 0, max: 4 * HOUR }) },
  { weight: 12, arbitrary: fc.integer({ min: -5 * HOUR, max: 0 }) },
);

const samples = fc
  .tuple(
    fc.array(fc.record({ wait, value, same: fc.boolean() }), { minLength: 1, maxLength: 250 }),
    fc.boolean(),
  )
  .map(([steps, calm]) => {
    let at = T0 + 10 * HOUR;
    let before = 0;
    return steps.map((step): Sample => {
      at = Math.min(T0 + 30 * HOUR, Math.max(T0 + 6 * HOUR, at + step.wait));
      before = calm && step.same ? before : step.value;
      return { at, value: before };
    });
  });

interface Bucket {
  min: number;
  max: number;
  last: number;
  sum: number;
  count: number;
}

/** What the buckets must hold, the plain way. */
function plainly(list: readonly Sample[]): Map<number, Bucket> {
  const buckets = new Map<number, Bucket>();
  let newest: Sample = { at: Number.NEGATIVE_INFINITY, value: 0 };
  for (const { at, value } of list) {
    const number = Math.floor(at / MINUTE);
    if (at === newest.at && value === newest.value) continue;
    const inWork = number >= Math.floor(newest.at / MINUTE);
    const bucket = buckets.get(number);
    if (!bucket) buckets.set(number, { min: value, max: value, last: value, sum: value, count: 1 });
    else {
      bucket.min = Math.min(bucket.min, value);
      bucket.max = Math.max(bucket.max, value);
      bucket.sum += value;
      bucket.count += 1;
      if (!inWork || at >= newest.at) bucket.last = value;
    }
    if (at >= newest.at) newest = { at, value };
  }
  return buckets;
}

/** Six digits at least, whatever was packed how. */
function near(actual: number | null | undefined, expected: number, what: string): void {
  const scale = Math.max(Math.abs(expected), 1e-300);
  assert.ok(
    typeof actual === 'number' && Math.abs(actual - expected) <= scale * 2e-6,
    `${what}: ${actual}, not ${expected}`,
  );
}

describe('history, random', () => {
  it('holds what a plain list of samples gives, minute by minute', () => {
    fc.assert(
      fc.property(samples, (list) => {
        const history = new History({ points: 4 });
        for (const { at, value } of list) history.record('k', at, value);
        const expected = plainly(list);
        const from = T0;
        const series = history.series('k', from, T0 + 31 * HOUR - 1, 31 * 60);
        assert.equal(
          series.count.reduce((sum, one) => sum + one, 0),
          [...expected.values()].reduce((sum, { count }) => sum + count, 0),
        );
        for (const [number, bucket] of expected) {
          const part = number - from / MINUTE;
          assert.equal(series.count[part], bucket.count);
          near(series.min[part], bucket.min, 'min');
          near(series.max[part], bucket.max, 'max');
          near(series.last[part], bucket.last, 'last');
          const [min, max, mean] = [series.min[part], series.max[part], series.mean[part]] as number[];
          assert.ok((min as number) <= (mean as number) && (mean as number) <= (max as number));
          const middle = bucket.sum / bucket.count;
          const slack = Math.max(Math.abs(bucket.min), Math.abs(bucket.max)) * 1e-5 + 0.5;
          if (Number.isFinite(middle)) assert.ok(Math.abs((mean as number) - middle) <= slack, 'mean');
        }
      }),
      { numRuns: RUNS },
    );
  });

  it('gives at any width what the parts of the plain list give', () => {
    fc.assert(
      fc.property(
        samples,
        fc.integer({ min: 1, max: 500 }),
        fc.integer({ min: 0, max: HOUR }),
        (list, points, shift) => {
          const history = new History({ points: 4 });
          for (const { at, value } of list) history.record('k', at, value);
          const [from, to] = [T0 + shift, T0 + 31 * HOUR];
          const { t, min, max } = history.series('k', from, to, points);
          const width = (to - from) / t.length;
          const expected = new Map<number, [number, number]>();
          for (const [number, bucket] of plainly(list)) {
            const part = Math.min(t.length - 1, Math.floor((number * MINUTE - from) / width));
            const known = expected.get(part) ?? [bucket.min, bucket.max];
            expected.set(part, [Math.min(known[0], bucket.min), Math.max(known[1], bucket.max)]);
          }
          for (let part = 0; part < t.length; part++) {
            const here = expected.get(part);
            if (!here) assert.equal(max[part], null);
            else {
              near(min[part], here[0], 'min');
              near(max[part], here[1], 'max');
            }
          }
        },
      ),
      { numRuns: RUNS },
    );
  });

  it('keeps values of few digits exactly', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 6 }),
        fc.array(fc.integer({ min: -9_999_999, max: 9_999_999 }), { minLength: 100, maxLength: 400 }),
        (digits, list) => {
          const history = new History({ points: 1 });
          const values = list.map((one) => one / 10 ** digits);
          for (const [index, one] of values.entries()) history.record('k', T0 + index * MINUTE, one);
          const { last } = history.series('k', T0 - 1, T0 + list.length * MINUTE - 1, list.length);
          assert.deepEqual(last, values);
        },
      ),
      { numRuns: RUNS },
    );
  });
});
